// What every set of stores does as a whole. Run by each database's spec.
import { idOf, invocationOf, recordOf } from './records';
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

    it('serve whatever is asked of them at once', async () => {
      const { artifacts, activations, queue, logs, incarnations } = test.current.stores;
      const rounds = Array.from({ length: 10 }, (_, index) => index);
      await Promise.all(
        rounds.flatMap((index): Promise<unknown>[] => [
          activations.insert([recordOf(index)]),
          artifacts.put({
            path: 'guest',
            name: `n${index}`,
            collection: 'actions',
            document: {},
            updated: 1,
            replaces: undefined,
          }),
          queue.enqueue([invocationOf(index)], 100),
          incarnations.next('x'),
          logs.append([{ namespace: 'guest', activationId: idOf(index), lines: ['x'] }]),
        ]),
      );
      expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(10);
      expect(await artifacts.count({ namespace: 'guest', collection: 'actions', skip: 0 })).toBe(10);
      expect(await queue.counts()).toEqual({ queued: 10, claimed: 0, started: 0 });
      expect(await incarnations.next('x')).toBe(11n);
    });

    it('finish what was sent before they close, and refuse what comes after', async () => {
      const closing = await test.current.another();
      const sent = Promise.all(Array.from({ length: 20 }, () => closing.incarnations.next('x')));
      const closed = closing.close();
      expect(Math.max(...(await sent).map(Number))).toBe(20);
      await expect(closing.incarnations.next('x')).rejects.toMatchObject({ code: 'closed' });
      await closed;
      await expect(closing.queue.counts()).rejects.toMatchObject({ code: 'closed' });
      await closing.close();
      expect(await test.current.stores.incarnations.next('x')).toBe(21n);
    });
  });
}
