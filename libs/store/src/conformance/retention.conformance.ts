// What retention does in every database. Run by each database's spec, in real time: the store's clock may be the database's own.
import { idOf, recordOf } from './records';
import { eachTestWith, type MakeUnderTest } from './under-test';

const dayMs = 86_400_000;

export function describeRetention(make: MakeUnderTest): void {
  describe('retention', () => {
    const test = eachTestWith(make);
    const insert = (index: number, daysAgo: number) => {
      const acceptedAt = Date.now() - daysAgo * dayMs;
      const activationId = idOf(index, acceptedAt);
      return test.current.stores.activations.insert([
        recordOf(index, { activationId, acceptedAt, start: acceptedAt + index }),
      ]);
    };
    const indexes = async (): Promise<number[]> => {
      const found = await test.current.stores.activations.list({ namespace: 'guest', skip: 0, limit: 200 });
      return found.map((text) => (JSON.parse(text) as { index: number }).index);
    };
    const sweep = (days: number, rowsCount: number) => test.current.stores.retention.sweep(days * dayMs, rowsCount);

    it('removes what is too old, and nothing else', async () => {
      const { logs, retention } = test.current.stores;
      expect(await retention.sweep(dayMs, 100)).toBe(false);
      for (const [index, daysAgo] of [
        [1, 30],
        [2, 9],
        [3, 6],
        [4, 0],
      ] as const)
        await insert(index, daysAgo);
      await logs.append([{ namespace: 'guest', activationId: idOf(4), lines: ['new'] }]);
      expect(await sweep(7, 100)).toBe(false);
      expect(await indexes()).toEqual([4, 3]);
      expect(await logs.read('guest', idOf(4))).toEqual(['new']);
      expect(await sweep(1, 100)).toBe(false);
      expect(await indexes()).toEqual([4]);
    });

    it('removes a bounded number at once, and says whether there may be more', async () => {
      for (let index = 0; index < 5; index += 1) await insert(index, 20);
      await insert(9, 0);
      expect(await sweep(7, 2)).toBe(true);
      expect(await indexes()).toHaveLength(4);
      expect(await sweep(7, 2)).toBe(true);
      expect(await sweep(7, 2)).toBe(false);
      expect(await indexes()).toEqual([9]);
    });

    it('may be asked for by several at once, while records come', async () => {
      const other = await test.current.another();
      for (let index = 0; index < 9; index += 1) await insert(index, 20);
      await Promise.all([
        ...[1, 2, 3].flatMap(() => [sweep(7, 2), other.retention.sweep(7 * dayMs, 2)]),
        ...[10, 11, 12].map((index) => insert(index, 0)),
      ]);
      while (await sweep(7, 100)) continue;
      expect((await indexes()).sort()).toEqual([10, 11, 12]);
    });
  });
}
