// What every artifact store does. Run by each database's spec.
import type { Collection, EntityWrite } from '../artifact-store';
import { eachTestWith, type MakeUnderTest } from './under-test';

const write = (path: string, name: string, more: Partial<EntityWrite> = {}): EntityWrite => ({
  path,
  name,
  collection: 'actions',
  document: { name },
  updated: 1_700_000_000_000,
  replaces: undefined,
  ...more,
});

export function describeArtifactStore(make: MakeUnderTest): void {
  describe('artifact store', () => {
    const test = eachTestWith(make);
    const artifacts = () => test.current.stores.artifacts;
    const id = { path: 'guest', name: 'hello' };

    it('gives back what was put, with revision 1', async () => {
      const document = {
        exec: { kind: 'nodejs:20' },
        text: 'grüße 👋 \u0000 \u2028 "quoted"',
        empty: {},
        list: [1, null, true],
      };
      const stored = await artifacts().put(write('guest', 'hello', { document }));
      expect(stored).toEqual({ ...id, collection: 'actions', revision: 1, updated: 1_700_000_000_000, document });
      expect(await artifacts().get(id)).toEqual(stored);
    });

    it('knows nothing that was not put', async () => {
      await artifacts().put(write('guest', 'hello', { code: 'x' }));
      expect(await artifacts().get({ path: 'guest', name: 'Hello' })).toBeUndefined();
      expect(await artifacts().get({ path: 'guest/hello', name: 'hello' })).toBeUndefined();
      expect(await artifacts().code({ path: 'other', name: 'hello' }, 1)).toBeUndefined();
    });

    it('refuses a second creation, whatever the collection', async () => {
      await artifacts().put(write('guest', 'hello'));
      for (const collection of ['actions', 'packages', 'triggers', 'rules'] as const) {
        await expect(artifacts().put(write('guest', 'hello', { collection }))).rejects.toMatchObject({
          code: 'exists',
        });
      }
      expect(await artifacts().get(id)).toMatchObject({ collection: 'actions', revision: 1 });
    });

    it('replaces only the revision that is named', async () => {
      await artifacts().put(write('guest', 'hello'));
      const second = await artifacts().put(
        write('guest', 'hello', { replaces: 1, document: { v: 2 }, updated: 1_700_000_000_005 }),
      );
      expect(second).toMatchObject({ revision: 2, updated: 1_700_000_000_005, document: { v: 2 } });
      await expect(artifacts().put(write('guest', 'hello', { replaces: 1 }))).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(artifacts().put(write('guest', 'hello', { replaces: 3 }))).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(artifacts().put(write('guest', 'absent', { replaces: 1 }))).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await artifacts().get(id)).toEqual(second);
    });

    it('does not move an entity to another collection', async () => {
      await artifacts().put(write('guest', 'hello'));
      const moved = artifacts().put(write('guest', 'hello', { collection: 'triggers', replaces: 1 }));
      await expect(moved).rejects.toMatchObject({ code: 'conflict' });
    });

    it('removes only the revision that is named, and with it the code', async () => {
      await artifacts().put(write('guest', 'hello', { code: 'x' }));
      await expect(artifacts().remove(id, 2)).rejects.toMatchObject({ code: 'conflict' });
      await artifacts().remove(id, 1);
      expect(await artifacts().get(id)).toBeUndefined();
      expect(await artifacts().code(id, 1)).toBeUndefined();
      await expect(artifacts().remove(id, 1)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('never gives a revision of a name twice, over deletion and re-creation too', async () => {
      const revisions: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const created = await artifacts().put(
          write('guest', 'hello', { collection: round === 1 ? 'triggers' : 'actions' }),
        );
        const replaced = await artifacts().put(
          write('guest', 'hello', { collection: created.collection, replaces: created.revision }),
        );
        revisions.push(created.revision, replaced.revision);
        await artifacts().remove(id, replaced.revision);
      }
      expect(revisions).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('does not give a re-created entity the code of its predecessor', async () => {
      await artifacts().put(write('guest', 'hello', { code: 'old' }));
      await artifacts().remove(id, 1);
      await artifacts().put(write('guest', 'hello'));
      expect(await artifacts().code(id, 2)).toBeUndefined();
    });

    it('keeps, replaces and drops code as the write says', async () => {
      const code = `let 名 = "${'é👋'.repeat(100_000)}";`;
      await artifacts().put(write('guest', 'hello', { code }));
      expect(await artifacts().code(id, 1)).toBe(code);
      await artifacts().put(write('guest', 'hello', { replaces: 1 }));
      expect(await artifacts().code(id, 2)).toBe(code);
      expect(await artifacts().code(id, 1)).toBeUndefined();
      await artifacts().put(write('guest', 'hello', { replaces: 2, code: 'new' }));
      expect(await artifacts().code(id, 3)).toBe('new');
      await artifacts().put(write('guest', 'hello', { replaces: 3, code: null }));
      expect(await artifacts().code(id, 4)).toBeUndefined();
      await artifacts().put(write('guest', 'hello', { replaces: 4, code: '' }));
      expect(await artifacts().code(id, 5)).toBe('');
    });

    describe('lists', () => {
      const put = (path: string, name: string, updated: number, collection: Collection = 'actions') =>
        artifacts().put(write(path, name, { updated, collection }));
      const names = async (query: { packageName?: string; skip?: number; limit?: number; namespace?: string }) =>
        (await artifacts().list({ collection: 'actions', namespace: 'guest', skip: 0, limit: 200, ...query })).map(
          ({ path, name }) => `${path}/${name}`,
        );

      it('a namespace with its packages, newest first', async () => {
        await put('guest', 'a', 30);
        await put('guest/pkg', 'b', 10);
        await put('guest', 'c', 20);
        await put('guest', 'pkg', 40, 'packages');
        await put('guest2', 'd', 50);
        await put('gues', 't', 50);
        expect(await names({})).toEqual(['guest/a', 'guest/c', 'guest/pkg/b']);
        expect(await names({ packageName: 'pkg' })).toEqual(['guest/pkg/b']);
        expect(await names({ packageName: 'none' })).toEqual([]);
        expect(await names({ namespace: 'guest2' })).toEqual(['guest2/d']);
      });

      it('what was written in the same millisecond, newest first', async () => {
        for (const name of ['m', 'a', 'z']) await put('guest', name, 10);
        expect(await names({})).toEqual(['guest/z', 'guest/a', 'guest/m']);
        await artifacts().put(write('guest', 'm', { updated: 10, replaces: 1 }));
        expect(await names({})).toEqual(['guest/m', 'guest/z', 'guest/a']);
      });

      it('with skip and limit, and counts what they would give', async () => {
        for (let index = 0; index < 7; index += 1)
          await put(index % 2 === 0 ? 'guest' : 'guest/pkg', `n${index}`, index);
        expect(await names({ skip: 2, limit: 3 })).toEqual(['guest/n4', 'guest/pkg/n3', 'guest/n2']);
        expect(await names({ skip: 7 })).toEqual([]);
        expect(await names({ limit: 0 })).toEqual([]);
        const count = (skip: number, packageName?: string) =>
          artifacts().count({
            collection: 'actions',
            namespace: 'guest',
            skip,
            ...(packageName ? { packageName } : {}),
          });
        expect([await count(0), await count(5), await count(7), await count(9)]).toEqual([7, 2, 0, 0]);
        expect([await count(0, 'pkg'), await count(2, 'pkg')]).toEqual([3, 1]);
      });

      it('nothing that was removed', async () => {
        const { revision } = await put('guest', 'a', 1);
        await artifacts().remove({ path: 'guest', name: 'a' }, revision);
        expect(await names({})).toEqual([]);
        expect(await artifacts().count({ collection: 'actions', namespace: 'guest', skip: 0 })).toBe(0);
      });
    });

    it('lists what is shared apart, as the last write says', async () => {
      const shared = (name: string, more: Partial<EntityWrite>) =>
        artifacts().put(write('guest', name, { collection: 'packages', ...more }));
      await shared('open', { isShared: true });
      await shared('closed', {});
      await shared('closing', { isShared: true });
      await shared('closing', { replaces: 1 });
      const query = { collection: 'packages', namespace: 'guest', skip: 0, isShared: true } as const;
      expect((await artifacts().list({ ...query, limit: 10 })).map(({ name }) => name)).toEqual(['open']);
      expect(await artifacts().count(query)).toBe(1);
    });

    it('makes several changes together, or none of them', async () => {
      await artifacts().put(write('guest', 'hello'));
      const both = await artifacts().change([
        { put: write('guest', 'second') },
        { put: write('guest', 'hello', { replaces: 1, document: { v: 2 } }) },
      ]);
      expect(both).toMatchObject([
        { name: 'second', revision: 1 },
        { name: 'hello', revision: 2 },
      ]);
      const stale = artifacts().change([
        { remove: { path: 'guest', name: 'second' }, revision: 1 },
        { put: write('guest', 'hello', { replaces: 1 }) },
      ]);
      await expect(stale).rejects.toMatchObject({ code: 'conflict' });
      expect(await artifacts().get({ path: 'guest', name: 'second' })).toMatchObject({ revision: 1 });
      const removed = await artifacts().change([{ remove: { path: 'guest', name: 'second' }, revision: 1 }]);
      expect(removed).toEqual([undefined]);
      expect(await artifacts().get({ path: 'guest', name: 'second' })).toBeUndefined();
    });

    it('lets exactly one of two connections create, and one replace', async () => {
      const other = (await test.current.another()).artifacts;
      for (let round = 0; round < 20; round += 1) {
        const name = `n${round}`;
        const created = await Promise.allSettled([
          artifacts().put(write('guest', name)),
          other.put(write('guest', name)),
        ]);
        expect(created.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(created.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'exists' } });
        const change = write('guest', name, { replaces: 1 });
        const replaced = await Promise.allSettled([
          artifacts().put(change),
          other.put(change),
          other.remove({ path: 'guest', name }, 1),
        ]);
        expect(replaced.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
        for (const outcome of replaced) {
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
        }
      }
    });
  });
}
