// What every store of incarnation numbers does. Run by each database's spec.
import { eachTestWith, type MakeUnderTest } from './under-test';

export function describeIncarnations(make: MakeUnderTest): void {
  describe('incarnations', () => {
    const test = eachTestWith(make);

    it('counts from 1, for each process id by itself', async () => {
      const { incarnations } = test.current.stores;
      expect(await incarnations.next('controller/controller0')).toBe(1n);
      expect(await incarnations.next('controller/controller0')).toBe(2n);
      expect(await incarnations.next('agent/node0')).toBe(1n);
      expect(await incarnations.next('controller/controller0')).toBe(3n);
    });

    it('gives no number twice, over several connections', async () => {
      const all = [test.current.stores, await test.current.another(), await test.current.another()];
      const given = await Promise.all(
        all.flatMap((stores) => [1, 2, 3].map(() => stores.incarnations.next('agent/node0'))),
      );
      expect(given.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });
}
