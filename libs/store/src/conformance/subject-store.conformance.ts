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
      const owner = { subject: 'a-member', namespace: 'guest', uuid: another.uuid, apiKey: '' };
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

    it('is seeded by several connections at once without harm', async () => {
      const other = (await test.current.another()).subjects;
      await Promise.all([subjects().seed(guest), other.seed(guest), subjects().seed(guest)]);
      expect(await other.authenticate(uuid, key)).toMatchObject({ namespace: 'guest' });
    });
  });
}
