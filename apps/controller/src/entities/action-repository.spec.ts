import { ManualClock } from '#clock';
import type { ArtifactStore, EntityId, StoredEntity } from '#store';
import { ActionRepository } from './action-repository';
import { type CacheInvalidation, InProcessInvalidation, type Stale } from './cache-invalidation';

const document = {
  version: '0.0.1',
  publish: false,
  exec: { kind: 'nodejs:20', binary: false },
  parameters: [],
  limits: { concurrency: 1, logs: 10, memory: 256, timeout: 60_000 },
  annotations: [],
};

const own = (name: string, packageName?: string) => ({ namespace: 'guest', packageName, name });
const packageOf = (over: object = {}) => ({
  collection: 'packages' as const,
  document: { version: '0.0.1', publish: false, parameters: [], annotations: [], ...over },
});

/** A store whose reads are answered when the test says so. */
function make(invalidation: CacheInvalidation = new InProcessInvalidation()) {
  const entities = new Map<string, StoredEntity>();
  const reads: string[] = [];
  const held: (() => void)[] = [];
  let isHolding = false;
  const put = (path: string, name: string, revision: number, over: Partial<StoredEntity> = {}): void => {
    const entity = { path, name, revision, updated: 1, collection: 'actions' as const, document, ...over };
    entities.set(`${path}/${name}`, entity);
  };
  const artifacts = {
    get: async ({ path, name }: EntityId) => {
      reads.push(`${path}/${name}`);
      const found = entities.get(`${path}/${name}`);
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
      return found;
    },
    code: ({ path, name }: EntityId, revision: number) => {
      reads.push(`code of ${path}/${name}@${revision}`);
      return Promise.resolve(entities.get(`${path}/${name}`)?.revision === revision ? `code ${revision}` : undefined);
    },
  };
  const limits = { actionCacheBytes: 10_000, codeCacheBytes: 10_000 };
  const clock = new ManualClock();
  const repository = new ActionRepository(artifacts as unknown as ArtifactStore, limits, clock, invalidation);
  return {
    repository,
    clock,
    reads,
    put,
    remove: (key: string) => entities.delete(key),
    hold: () => (isHolding = true),
    release: () => {
      isHolding = false;
      for (const resolve of held.splice(0)) resolve();
    },
  };
}

describe('the action repository', () => {
  it('reads once, and then knows without waiting', async () => {
    const { repository, reads, put } = make();
    put('guest', 'a', 1);
    expect(repository.peek('guest', own('a'))).toBeUndefined();
    const [one, two] = await Promise.all([
      repository.resolve('guest', own('a')),
      repository.resolve('guest', own('a')),
    ]);
    expect(one).toBe(two);
    expect(repository.peek('guest', own('a'))).toBe(one);
    expect(reads).toEqual(['guest/a']);
  });

  it('knows the new revision after a write', async () => {
    const { repository, put } = make();
    put('guest', 'a', 1);
    await repository.resolve('guest', own('a'));
    put('guest', 'a', 2);
    await repository.forget({ namespace: 'guest', packageName: undefined, name: 'a' });
    expect(repository.peek('guest', own('a'))).toBeUndefined();
    expect((await repository.resolve('guest', own('a'))).revision).toBe(2);
  });

  it('reads again once an entry is older than it may be, by the state of that moment', async () => {
    const age = Object.assign(new InProcessInvalidation(), { entryMs: 60_000 } as { entryMs: number });
    const { repository, put, clock } = make(age);
    put('guest', 'a', 1);
    await repository.resolve('guest', own('a'));
    put('guest', 'a', 2);
    clock.advance(5_000);
    expect(repository.peek('guest', own('a'))?.revision).toBe(1);
    age.entryMs = 5_000;
    expect(repository.peek('guest', own('a'))).toBeUndefined();
    expect((await repository.resolve('guest', own('a'))).revision).toBe(2);
    expect(repository.peek('guest', own('a'))?.revision).toBe(2);
  });

  it.each([
    ['its action', { kind: 'action', name: 'guest/pkg/a' }, true],
    ['its package', { kind: 'package', name: 'guest/pkg' }, true],
    ['everything', { kind: 'all', name: '' }, true],
    ['another action', { kind: 'action', name: 'guest/pkg/ab' }, false],
    ['another package', { kind: 'package', name: 'guest/pk' }, false],
    ['a subject', { kind: 'subject', name: 'guest/pkg/a' }, false],
  ] as const)('told by another controller that %s was written', async (_, stale, isForgotten) => {
    const { repository, put, hold, release } = make();
    put('guest', 'pkg', 1, packageOf());
    put('guest/pkg', 'a', 1);
    await repository.resolve('guest', own('a', 'pkg'));
    repository.forgetStale(stale);
    expect(repository.peek('guest', own('a', 'pkg')) === undefined).toBe(isForgotten);
    if (!isForgotten) return;
    // What is being read at that moment is not kept either.
    repository.forgetStale({ kind: 'all', name: '' });
    hold();
    const reading = repository.resolve('guest', own('a', 'pkg'));
    repository.forgetStale(stale);
    release();
    await reading;
    expect(repository.peek('guest', own('a', 'pkg')) === undefined).toBe(isForgotten);
  });

  it('tells other controllers what was written here', async () => {
    const invalidation = new InProcessInvalidation();
    const told: unknown[] = [];
    invalidation.join({ forgetStale: (stale) => told.push(stale) });
    const limits = { actionCacheBytes: 1, codeCacheBytes: 1 };
    const repository = new ActionRepository({} as ArtifactStore, limits, new ManualClock(), invalidation);
    await repository.forget({ namespace: 'guest', packageName: 'pkg', name: 'a' });
    await repository.forgetPackage({ namespace: 'guest', name: 'pkg' });
    expect(told).toEqual([
      { kind: 'action', name: 'guest/pkg/a' },
      { kind: 'package', name: 'guest/pkg' },
    ]);
  });

  it('does not keep what a read brings that a write has overtaken', async () => {
    const { repository, put, hold, release } = make();
    put('guest', 'a', 1);
    hold();
    const overtaken = repository.resolve('guest', own('a'));
    await new Promise(setImmediate);
    put('guest', 'a', 2);
    await repository.forget({ namespace: 'guest', packageName: undefined, name: 'a' });
    const fresh = repository.resolve('guest', own('a'));
    release();
    expect((await overtaken).revision).toBe(1);
    expect((await fresh).revision).toBe(2);
    expect(repository.peek('guest', own('a'))?.revision).toBe(2);
  });

  it('merges the parameters of the package, and forgets with it', async () => {
    const { repository, put } = make();
    const parameters = (value: number) => packageOf({ parameters: [{ key: 'p', value }] });
    put('guest', 'pkg', 1, parameters(1));
    put('guest/pkg', 'a', 1);
    expect((await repository.resolve('guest', own('a', 'pkg'))).parameters).toEqual([{ key: 'p', value: 1 }]);
    put('guest', 'pkg', 2, parameters(2));
    await repository.forgetPackage({ namespace: 'guest', name: 'pkg' });
    expect((await repository.resolve('guest', own('a', 'pkg'))).parameters).toEqual([{ key: 'p', value: 2 }]);
  });

  describe('through bindings', () => {
    const other = { namespace: 'other', packageName: 'pkg', name: 'a' };
    const shared = packageOf({ publish: true, parameters: [{ key: 'p', value: 'package' }] });
    const bound = packageOf({
      binding: { namespace: 'other', name: 'pkg' },
      parameters: [{ key: 'b', value: 'binding' }],
    });
    const bind = (over: Partial<StoredEntity> = shared) => {
      const made = make();
      made.put('other', 'pkg', 1, over);
      made.put('other/pkg', 'a', 1);
      made.put('guest', 'bound', 1, bound);
      return made;
    };

    it('answers the provider’s action, with the binding’s parameters over the package’s (2.2, 3.2)', async () => {
      const action = await bind().repository.resolve('guest', own('a', 'bound'));
      expect(action).toMatchObject({
        fullyQualifiedName: 'other/pkg/a',
        binding: 'guest/bound',
        parameters: [
          { key: 'p', value: 'package' },
          { key: 'b', value: 'binding' },
        ],
      });
    });

    it.each<[string, Stale]>([
      ['the action', { kind: 'action', name: 'other/pkg/a' }],
      ['the package', { kind: 'package', name: 'other/pkg' }],
      ['the binding', { kind: 'package', name: 'guest/bound' }],
    ])('forgets when %s is written', async (_, stale) => {
      const { repository, hold, release } = bind();
      await repository.resolve('guest', own('a', 'bound'));
      repository.forgetStale(stale);
      expect(repository.peek('guest', own('a', 'bound'))).toBeUndefined();
      hold();
      const overtaken = repository.resolve('guest', own('a', 'bound'));
      repository.forgetStale(stale);
      release();
      await overtaken;
      expect(repository.peek('guest', own('a', 'bound'))).toBeUndefined();
    });

    it('lets everybody use a shared package, from the cache too (5.3)', async () => {
      const { repository } = bind();
      expect(await repository.resolve('guest', other)).toBe(await repository.resolve('third', other));
      expect(repository.peek('third', other)).toBeDefined();
    });

    it('lets nobody but its owner use a package that is not shared, whoever has used it before (5.3, A16)', async () => {
      const { repository, hold, release } = bind(packageOf());
      const refusal = { status: 403, message: expect.stringContaining("'other/pkg'") as string };
      await expect(repository.resolve('guest', other)).rejects.toMatchObject(refusal);
      await expect(repository.resolve('guest', own('a', 'bound'))).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining("'guest/bound'") as string,
      });
      hold();
      const both = Promise.allSettled([repository.resolve('guest', other), repository.resolve('other', other)]);
      release();
      expect((await both).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect(repository.peek('other', other)).toBeDefined();
      expect(repository.peek('guest', other)).toBeUndefined();
      await expect(repository.resolve('guest', other)).rejects.toMatchObject(refusal);
    });

    it.each([
      ['a foreign package that is not there like a private one', other, 403, "'other/pkg'"],
      ['a binding to a foreign package that is gone', own('a', 'bound'), 403, "'guest/bound'"],
      [
        'another namespace’s binding, though it leads to a shared package',
        { ...own('a', 'bound') },
        403,
        "'guest/bound'",
      ],
    ])('refuses %s (5.3)', async (_, name, status, resource) => {
      const { repository, remove } = bind();
      const isThird = _.startsWith('another');
      if (!isThird) remove('other/pkg');
      await expect(repository.resolve(isThird ? 'third' : 'guest', name)).rejects.toMatchObject({
        status,
        message: expect.stringContaining(resource) as string,
      });
    });

    it('answers 404 for a binding to an own package that is gone, 422 for bindings in a circle (1.2, A15)', async () => {
      const { repository, put } = make();
      put('guest', 'bound', 1, packageOf({ binding: { namespace: 'guest', name: 'gone' } }));
      await expect(repository.resolve('guest', own('a', 'bound'))).rejects.toMatchObject({
        status: 404,
        message: 'The requested resource does not exist.',
      });
      put('guest', 'gone', 1, packageOf({ binding: { namespace: 'guest', name: 'bound' } }));
      await expect(repository.resolve('guest', own('a', 'bound'))).rejects.toMatchObject({
        status: 422,
        message: "Package binding 'guest/bound' contains a circular reference.",
      });
    });
  });

  it.each([
    ['an action that is not there', undefined, 'nosuch', 404, 'The requested resource does not exist.'],
    ['an action in a package that is not there', 'nosuch', 'a', 404, 'The requested resource does not exist.'],
    ['a trigger', undefined, 't', 409, 'Resource by this name exists but is not in this collection.'],
    ['an action in an action', 'a', 'b', 409, 'Resource by this name exists but is not in this collection.'],
  ])('refuses %s', async (_, packageName, name, status, message) => {
    const { repository, put } = make();
    put('guest', 'a', 1);
    put('guest', 't', 1, { collection: 'triggers' });
    const refusal = { status, message, cors: true };
    await expect(repository.resolve('guest', own(name, packageName))).rejects.toMatchObject(refusal);
    await expect(repository.resolve('guest', own(name, packageName))).rejects.toMatchObject(refusal);
  });

  it('keeps code by revision, and has none of a revision that is gone', async () => {
    const { repository, reads, put } = make();
    put('guest', 'a', 1);
    const action = await repository.resolve('guest', own('a'));
    expect(await repository.code(action)).toBe('code 1');
    expect(await repository.code(action)).toBe('code 1');
    expect(reads.filter((read) => read.startsWith('code'))).toHaveLength(1);
    expect(await repository.code({ ...action, revision: 7 })).toBeUndefined();
  });

  it('keeps no more than it may', async () => {
    const { repository, put } = make();
    for (let index = 0; index < 100; index++) {
      put('guest', `a${index}`, 1);
      await repository.resolve('guest', own(`a${index}`));
    }
    const known = Array.from({ length: 100 }, (_, index) => repository.peek('guest', own(`a${index}`))).filter(Boolean);
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(20);
    expect(repository.peek('guest', own('a99'))).toBeDefined();
  });
});
