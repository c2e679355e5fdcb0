// What every set of stores does as a whole. Run by each database's spec.
import { eachTestWith, type MakeUnderTest } from './under-test';

export function describeStores(make: MakeUnderTest): void {
  describe('stores', () => {
    const test = eachTestWith(make);

    it('count what this process sends, and only that', async () => {
      const { stores } = test.current;
      const other = await test.current.another();
      const before = stores.queries();
      await other.queue.counts();
      expect(stores.queries()).toBe(before);
      await stores.queue.counts();
      expect(stores.queries()).toBeGreaterThan(before);
    });

    it('finish what was sent before they close, and refuse what comes after', async () => {
      const closing = await test.current.another();
      const sent = Promise.all(Array.from({ length: 20 }, () => closing.incarnations.next('x')));
      const closed = closing.close();
      expect((await sent).map(Number).at(-1)).toBe(20);
      await expect(closing.incarnations.next('x')).rejects.toMatchObject({ code: 'closed' });
      await closed;
      await expect(closing.queue.counts()).rejects.toMatchObject({ code: 'closed' });
      await closing.close();
      expect(await test.current.stores.incarnations.next('x')).toBe(21n);
    });
  });
}
