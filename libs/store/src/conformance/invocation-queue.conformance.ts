// What every durable queue does. Run by each database's spec, in real time: the store's clock may be the database's own.
import { epochMs, idOf, invocationOf, recordOf } from './records';
import { eachTestWith, type MakeUnderTest } from './under-test';

const longMs = 600_000;
const shortMs = 40;
/** Of a claim that runs out while the test waits, but not before its owner has started the row, on however busy a machine. */
const startableMs = 3_000;

export function describeInvocationQueue(make: MakeUnderTest): void {
  describe('invocation queue', () => {
    const test = eachTestWith(make);
    const queue = () => test.current.stores.queue;
    const enqueue = (...indexes: number[]) =>
      queue().enqueue(
        indexes.map((index) => invocationOf(index)),
        1_000,
      );
    const attemptsOf = (indexes: readonly number[], attempt: number) =>
      indexes.map((index) => ({ activationId: idOf(index), attempt }));
    /** Polls, since a claim runs out by the store's clock, which nobody here moves. */
    const claimOnceFree = async (owner: string, count: number) => {
      for (;;) {
        const claimed = await queue().claim(owner, count, longMs);
        if (claimed.length > 0) return claimed;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };

    it('claims what was enqueued, oldest first, each once', async () => {
      expect(await enqueue(1, 2)).toEqual([true, true]);
      expect(await enqueue(3)).toEqual([true]);
      const first = await queue().claim('me', 2, longMs);
      expect(first.map(({ activationId }) => activationId)).toEqual([idOf(1), idOf(2)]);
      expect(first[0]).toMatchObject({ ...invocationOf(1), attempt: 1 });
      expect(first[0]!.ageMs).toBeGreaterThanOrEqual(0);
      expect(first[0]!.ageMs).toBeLessThan(30_000);
      expect((await queue().claim('you', 9, longMs)).map(({ activationId }) => activationId)).toEqual([idOf(3)]);
      expect(await queue().claim('me', 9, longMs)).toEqual([]);
      expect(await queue().counts()).toEqual({ queued: 0, claimed: 3, started: 0 });
    });

    it('holds no more rows that have not started than its capacity', async () => {
      const rows = [1, 2, 3, 4].map((index) => invocationOf(index));
      expect(await queue().enqueue(rows.slice(0, 2), 3)).toEqual([true, true]);
      await queue().claim('me', 1, longMs);
      expect(await queue().enqueue(rows.slice(2), 3)).toEqual([true, false]);
      expect(await queue().enqueue(rows.slice(3), 3)).toEqual([false]);
      await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: longMs }]);
      expect(await queue().enqueue(rows.slice(3), 3)).toEqual([true]);
      expect(await queue().enqueue([invocationOf(9)], 2)).toEqual([false]);
      expect(await queue().counts()).toEqual({ queued: 3, claimed: 0, started: 1 });
      expect(await queue().enqueue([], 3)).toEqual([]);
    });

    it('takes a large batch and gives all of it out', async () => {
      const indexes = Array.from({ length: 777 }, (_, index) => index);
      expect((await enqueue(...indexes)).every(Boolean)).toBe(true);
      const claimed = await queue().claim('me', 1_000, longMs);
      expect(claimed.map(({ activationId }) => activationId)).toEqual(indexes.map((index) => idOf(index)));
      const started = await queue().start(
        'me',
        claimed.map((row) => ({ ...row, timeLimitMs: longMs })),
      );
      expect(started).toHaveLength(777);
      expect(started.every(Boolean)).toBe(true);
    });

    it('starts what is claimed, for owner and attempt only', async () => {
      await enqueue(1, 2, 3);
      await queue().claim('me', 2, longMs);
      const start = (owner: string, index: number, attempt: number) => ({
        owner,
        activationId: idOf(index),
        attempt,
        timeLimitMs: 7,
      });
      expect(await queue().start('you', [start('you', 1, 1)])).toEqual([false]);
      expect(
        await queue().start('me', [start('me', 2, 2), start('me', 1, 1), start('me', 3, 1), start('me', 9, 1)]),
      ).toEqual([false, true, false, false]);
      expect(await queue().start('me', [start('me', 1, 1)])).toEqual([false]);
      expect(await queue().start('me', [start('me', 2, 1), start('me', 2, 1)])).toEqual([true, false]);
      expect(await queue().start('me', [])).toEqual([]);
      expect(await queue().counts()).toEqual({ queued: 1, claimed: 0, started: 2 });
    });

    it('releases what is claimed, for owner and attempt only', async () => {
      await enqueue(1, 2);
      await queue().claim('me', 2, longMs);
      await queue().release('you', attemptsOf([1, 2], 1));
      await queue().release('me', attemptsOf([1], 2));
      expect(await queue().claim('you', 9, longMs)).toEqual([]);
      await queue().release('me', attemptsOf([1], 1));
      await queue().release('me', []);
      expect(await queue().claim('you', 9, longMs)).toMatchObject([{ activationId: idOf(1), attempt: 2 }]);
      await queue().start('me', [{ activationId: idOf(2), attempt: 1, timeLimitMs: longMs }]);
      await queue().release('me', attemptsOf([2], 2));
      expect(await queue().counts()).toEqual({ queued: 0, claimed: 1, started: 1 });
    });

    it('releases also what is started, which counts as no attempt', async () => {
      await enqueue(1);
      await queue().claim('me', 1, longMs);
      await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: longMs }]);
      await queue().release('me', attemptsOf([1], 1));
      expect(await queue().claim('you', 9, longMs)).toMatchObject([{ activationId: idOf(1), attempt: 2, lost: 0 }]);
    });

    it('releases all that dead owners had claimed, and nothing that they had started', async () => {
      await enqueue(1, 2, 3);
      await queue().claim('dead', 2, longMs);
      await queue().claim('alive', 1, longMs);
      await queue().start('dead', [{ activationId: idOf(2), attempt: 1, timeLimitMs: longMs }]);
      await queue().releaseAll(['dead', 'unknown']);
      await queue().releaseAll([]);
      expect(await queue().counts()).toEqual({ queued: 1, claimed: 1, started: 1 });
      expect(await queue().claim('you', 9, longMs)).toMatchObject([{ activationId: idOf(1), attempt: 2 }]);
    });

    // The claim that lasts comes first: the other one may have run out before anything else is asked.
    it('gives a claim that has run out to whoever asks next', async () => {
      await enqueue(1, 2);
      await queue().claim('alive', 1, longMs);
      await queue().claim('dead', 1, shortMs);
      expect(await claimOnceFree('you', 9)).toMatchObject([{ activationId: idOf(2), attempt: 2 }]);
      expect(await queue().start('dead', [{ activationId: idOf(2), attempt: 1, timeLimitMs: longMs }])).toEqual([
        false,
      ]);
      await queue().release('dead', attemptsOf([2], 1));
      await queue().renew('dead', longMs);
      expect(await queue().start('you', [{ activationId: idOf(2), attempt: 2, timeLimitMs: longMs }])).toEqual([true]);
      expect(await queue().owners()).toEqual(['alive', 'you']);
    });

    it('neither starts nor renews a claim that has run out, even if nobody took it', async () => {
      await enqueue(1, 2);
      await queue().claim('other', 1, longMs);
      await queue().claim('me', 1, shortMs);
      const runOut = Date.now() + shortMs + 20;
      while (Date.now() < runOut) await new Promise((resolve) => setTimeout(resolve, 5));
      await queue().renew('me', longMs);
      expect(await queue().start('me', [{ activationId: idOf(2), attempt: 1, timeLimitMs: longMs }])).toEqual([false]);
      expect(await claimOnceFree('you', 9)).toMatchObject([{ activationId: idOf(2), attempt: 2 }]);
    });

    it('renews every claim of its owner, and no other', async () => {
      await enqueue(1, 2, 3);
      await queue().claim('me', 2, 2_000);
      await queue().claim('you', 1, shortMs);
      await queue().renew('me', longMs);
      expect(await claimOnceFree('third', 9)).toMatchObject([{ activationId: idOf(3) }]);
      expect(
        await queue().start(
          'me',
          [1, 2].map((index) => ({ activationId: idOf(index), attempt: 1, timeLimitMs: 1 })),
        ),
      ).toEqual([true, true]);
    });

    it('takes a started row back for another attempt, for its owner only', async () => {
      await enqueue(1);
      await queue().claim('me', 1, longMs);
      expect(await queue().retry('me', idOf(1), 1)).toBe(false);
      await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: longMs }]);
      expect(await queue().retry('you', idOf(1), 1)).toBe(false);
      expect(await queue().retry('me', idOf(1), 2)).toBe(false);
      expect(await queue().retry('me', idOf(1), 1)).toBe(true);
      expect(await queue().retry('me', idOf(1), 1)).toBe(false);
      expect(await queue().started({})).toEqual([]);
      expect(await queue().claim('you', 1, longMs)).toMatchObject([
        { activationId: idOf(1), attempt: 2, lost: 1, invocation: invocationOf(1).invocation },
      ]);
    });

    it('puts off when a started row is overdue, for its owner and attempt only', async () => {
      await enqueue(1, 2);
      const both = attemptsOf([1, 2], 1);
      await queue().claim('me', 2, longMs);
      // Only what is started has a time limit.
      await queue().prolong('me', both, longMs);
      await queue().start(
        'me',
        both.map((row) => ({ ...row, timeLimitMs: 1 })),
      );
      const overdue = async () =>
        (await queue().started({ overdueGraceMs: 0 })).map(({ activationId }) => activationId);
      while ((await overdue()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      await queue().prolong('you', both, longMs);
      await queue().prolong('me', attemptsOf([1, 2], 2), longMs);
      expect(await overdue()).toHaveLength(2);
      await queue().prolong('me', attemptsOf([1], 1), longMs);
      expect(await overdue()).toEqual([idOf(2)]);
      await queue().prolong('me', both, -longMs);
      expect(await overdue()).toHaveLength(2);
      await queue().prolong('me', [], longMs);
    });

    it('never gives a started row to a claimer, and shows it by owner and by age', async () => {
      await enqueue(1, 2, 3);
      for (const [owner, timeLimitMs] of [
        ['a', 1],
        ['b', longMs],
        ['c', 1],
      ] as const) {
        const [claimed] = await queue().claim(owner, 1, startableMs);
        expect(await queue().start(owner, [{ ...claimed!, timeLimitMs }])).toEqual([true]);
      }
      expect(await queue().started({})).toMatchObject([
        { ...invocationOf(1), owner: 'a', attempt: 1, timeLimitMs: 1 },
        { owner: 'b', timeLimitMs: longMs },
        { owner: 'c' },
      ]);
      expect(await queue().started({ owners: ['b', 'c', 'nobody'] })).toMatchObject([{ owner: 'b' }, { owner: 'c' }]);
      expect(await queue().started({ owners: [] })).toEqual([]);
      expect(await queue().started({ overdueGraceMs: longMs })).toEqual([]);
      let overdue = await queue().started({ overdueGraceMs: 0 });
      while (overdue.length < 2) overdue = await queue().started({ overdueGraceMs: 0 });
      expect(overdue).toMatchObject([{ owner: 'a' }, { owner: 'c' }]);
      expect(overdue[0]!.startedMs).toBeGreaterThan(1);
      expect(await queue().started({ owners: ['b'], overdueGraceMs: 0 })).toEqual([]);
      const late = overdue[0]!.startedMs + startableMs;
      while ((await queue().started({ owners: ['a'] }))[0]!.startedMs < late)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await queue().claim('thief', 9, longMs)).toEqual([]);
    });

    it('names the owners of claimed and started rows', async () => {
      expect(await queue().owners()).toEqual([]);
      await enqueue(1, 2, 3, 4);
      await queue().claim('me', 2, longMs);
      await queue().claim('you', 1, longMs);
      await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: 1 }]);
      expect(await queue().owners()).toEqual(['me', 'you']);
    });

    it('forgets a settled row', async () => {
      await enqueue(1);
      await queue().claim('me', 1, longMs);
      await queue().start('me', [{ activationId: idOf(1), attempt: 1, timeLimitMs: 1 }]);
      await test.current.stores.activations.insert([
        recordOf(1, { acceptedAt: epochMs, settles: { owner: 'me', attempt: 1 } }),
      ]);
      expect(await queue().retry('me', idOf(1), 1)).toBe(false);
      expect(await queue().owners()).toEqual([]);
      expect(await queue().started({})).toEqual([]);
    });

    it('gives each row to exactly one of two connections that claim and start at once', async () => {
      const other = (await test.current.another()).queue;
      const indexes = Array.from({ length: 200 }, (_, index) => index);
      await enqueue(...indexes);
      const drain = async (from: typeof other, owner: string): Promise<string[]> => {
        const mine: string[] = [];
        for (;;) {
          const claimed = await from.claim(owner, 7, longMs);
          if (claimed.length === 0) return mine;
          const starts = claimed.map((row) => ({ ...row, timeLimitMs: longMs }));
          // Both connections try to start as this owner: one of them may.
          const [here, there] = await Promise.all([from.start(owner, starts), other.start(owner, starts)]);
          starts.forEach((_, index) => expect(Number(here[index]) + Number(there[index])).toBe(1));
          mine.push(...claimed.map(({ activationId }) => activationId));
        }
      };
      const drained = await Promise.all([drain(queue(), 'me'), drain(other, 'you')]);
      expect(drained.flat().sort()).toEqual(indexes.map((index) => idOf(index)));
      expect(await queue().counts()).toEqual({ queued: 0, claimed: 0, started: 200 });
    });
  });
}
