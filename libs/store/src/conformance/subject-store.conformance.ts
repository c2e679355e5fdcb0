// What every subject store does. Run by each database's spec.
import { eachTestWith, type MakeUnderTest } from './under-test';

const uuid = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const key = '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
const guest = { subject: 'guest', namespace: 'guest', uuid, key };

export function describeSubjectStore(make: MakeUnderTest): void {
  describe('subject store', () => {
    const test = eachTestWith(make);
    const subjects = () => test.current.stores.subjects;

    it('authenticates who was seeded, and nobody else', async () => {
      await subjects().seed(guest);
      expect(await subjects().authenticate(uuid, key)).toEqual({
        subject: 'guest',
        namespace: 'guest',
        uuid,
        apiKey: `${uuid}:${key}`,
        limits: {},
      });
      expect(await subjects().authenticate(uuid, `${key.slice(0, -1)}Q`)).toBeUndefined();
      expect(await subjects().authenticate(uuid, '')).toBeUndefined();
      expect(await subjects().authenticate('23bc46b1-71f6-4ed5-8c54-816aa4f8c503', key)).toBeUndefined();
      expect(await subjects().authenticate(`${uuid}:${key.slice(0, 1)}`, key.slice(1))).toBeUndefined();
    });

    it('seeds once: what is there stays', async () => {
      await subjects().seed(guest, { invocationsPerMinute: 7 });
      await subjects().seed({ ...guest, key: 'x'.repeat(64), namespace: 'other' }, { invocationsPerMinute: 9 });
      expect(await subjects().authenticate(uuid, 'x'.repeat(64))).toBeUndefined();
      expect(await subjects().authenticate(uuid, key)).toMatchObject({
        namespace: 'guest',
        limits: { invocationsPerMinute: 7 },
      });
    });

    it('knows who owns a namespace: the subject of its name first, nobody for an unknown one', async () => {
      const another = { subject: 'a-member', namespace: 'guest', uuid: uuid.replace('23', '24'), key: 'm'.repeat(64) };
      await subjects().seed(another, { firesPerMinute: 5 });
      const owner = { subject: 'a-member', namespace: 'guest', uuid: another.uuid, apiKey: '', sealedKey: undefined };
      expect(await subjects().ofNamespace('guest')).toEqual({ ...owner, limits: { firesPerMinute: 5 } });
      await subjects().seed(guest);
      expect(await subjects().ofNamespace('guest')).toMatchObject({ subject: 'guest', uuid, apiKey: '' });
      expect(await subjects().ofNamespace('a-member')).toBeUndefined();
    });

    it('keeps limits of a namespace, whole', async () => {
      await subjects().seed(guest);
      const limits = { concurrentInvocations: 3, allowedKinds: ['nodejs:20'], storeActivations: false };
      await subjects().setLimits('guest', limits);
      expect((await subjects().authenticate(uuid, key))?.limits).toEqual(limits);
      await subjects().setLimits('guest', { firesPerMinute: 0 });
      expect((await subjects().authenticate(uuid, key))?.limits).toEqual({ firesPerMinute: 0 });
    });

    it('gives a subject several namespaces, each with a key of its own', async () => {
      const second = { subject: 'guest', namespace: 'team', uuid: uuid.replace('23', '24'), key: 's'.repeat(64) };
      expect(await subjects().create({ ...guest, sealedKey: 'sealed' }, false)).toBe('written');
      expect(await subjects().create(second, false)).toBe('written');
      expect(await subjects().authenticate(second.uuid, second.key)).toMatchObject({ namespace: 'team' });
      expect(await subjects().authenticate(second.uuid, key)).toBeUndefined();
      expect(await subjects().subject('guest')).toEqual({
        isBlocked: false,
        credentials: [
          { subject: 'guest', namespace: 'guest', uuid, sealedKey: 'sealed' },
          { subject: 'guest', namespace: 'team', uuid: second.uuid, sealedKey: undefined },
        ],
      });
      expect(await subjects().subject('nobody')).toBeUndefined();
      expect(await subjects().ofNamespace('guest')).toMatchObject({ sealedKey: 'sealed' });
    });

    it('replaces a credential only when told to, and never takes the uuid of another', async () => {
      await subjects().create(guest, false);
      const other = { ...guest, subject: 'other', namespace: 'other' };
      expect(await subjects().create(other, true)).toBe('uuid-taken');
      const next = { ...guest, key: 'n'.repeat(64) };
      expect(await subjects().create(next, false)).toBe('exists');
      expect(await subjects().create(next, true)).toBe('written');
      expect(await subjects().authenticate(uuid, key)).toBeUndefined();
      expect(await subjects().authenticate(uuid, next.key)).toBeDefined();
      const renewed = { ...next, uuid: uuid.replace('23', '25') };
      expect(await subjects().create(renewed, true)).toBe('written');
      expect(await subjects().authenticate(uuid, next.key)).toBeUndefined();
      expect((await subjects().subject('guest'))?.credentials).toHaveLength(1);
    });

    it('blocks a subject with all its credentials, and lets nobody add to it', async () => {
      const second = { subject: 'guest', namespace: 'team', uuid: uuid.replace('23', '24'), key };
      await subjects().create(guest, false);
      await subjects().create(second, false);
      expect(await subjects().setBlocked('guest', true)).toBe(true);
      expect(await subjects().authenticate(uuid, key)).toBeUndefined();
      expect(await subjects().authenticate(second.uuid, key)).toBeUndefined();
      expect(await subjects().ofNamespace('team')).toBeUndefined();
      expect(await subjects().credentialsOf('team')).toEqual([]);
      expect(await subjects().subject('guest')).toMatchObject({ isBlocked: true });
      expect(await subjects().create({ ...second, namespace: 'third' }, true)).toBe('blocked');
      expect(await subjects().setBlocked('guest', false)).toBe(true);
      expect(await subjects().authenticate(uuid, key)).toBeDefined();
      expect(await subjects().setBlocked('nobody', true)).toBe(false);
    });

    it('removes one namespace of a subject, or the subject; limits stay until they are removed', async () => {
      await subjects().create(guest, false);
      await subjects().create({ subject: 'guest', namespace: 'team', uuid: uuid.replace('23', '24'), key }, false);
      await subjects().setLimits('guest', { firesPerMinute: 3 });
      expect(await subjects().remove('guest', 'nothing')).toBe(0);
      expect(await subjects().remove('guest', 'team')).toBe(1);
      expect(await subjects().remove('guest')).toBe(1);
      expect(await subjects().subject('guest')).toBeUndefined();
      expect(await subjects().authenticate(uuid, key)).toBeUndefined();
      expect(await subjects().limitsOf('guest')).toEqual({ firesPerMinute: 3 });
      expect(await subjects().removeLimits('guest')).toBe(true);
      expect(await subjects().removeLimits('guest')).toBe(false);
      expect(await subjects().limitsOf('guest')).toBeUndefined();
    });

    it('lists who has a key of a namespace, by subject', async () => {
      await subjects().create(guest, false);
      const member = { subject: 'a-member', namespace: 'guest', uuid: uuid.replace('23', '24'), key };
      await subjects().create(member, false);
      expect((await subjects().credentialsOf('guest')).map(({ subject }) => subject)).toEqual(['a-member', 'guest']);
    });

    it('is seeded by several connections at once without harm', async () => {
      const other = (await test.current.another()).subjects;
      await Promise.all([subjects().seed(guest), other.seed(guest), subjects().seed(guest)]);
      expect(await other.authenticate(uuid, key)).toMatchObject({ namespace: 'guest' });
    });
  });
}
