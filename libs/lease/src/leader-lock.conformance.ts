// What every implementation of the leader lock has to do, run against each.
import type { LeaderLock } from './leader-lock';

export interface LeaderLockUnderTest {
  /** A candidate of the same leadership; each call is another process's. */
  candidate(): LeaderLock | Promise<LeaderLock>;
  /** As if the candidate's process had been killed: it does nothing more, and its lease, if it has one, runs out. */
  kill(lock: LeaderLock): Promise<void>;
  end(): Promise<void>;
}

/** Registers the suite with the test runner. */
export function describeLeaderLock(name: string, open: () => Promise<LeaderLockUnderTest>): void {
  describe(`leader lock: ${name}`, () => {
    let world: LeaderLockUnderTest;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.end());

    it('is held by one', async () => {
      const [first, second] = [await world.candidate(), await world.candidate()];
      expect(await first.acquire(0n)).toBeDefined();
      expect(await second.acquire(0n)).toBeUndefined();
      expect(await first.renew()).toBe(true);
      expect(await second.renew()).toBe(false);
      await first.release();
    });

    it('passes on when it is released, with a higher epoch each time', async () => {
      let last = 0n;
      for (let round = 0; round < 3; round += 1) {
        const lock = await world.candidate();
        const epoch = await lock.acquire(0n);
        expect(epoch).toBeGreaterThan(last);
        last = epoch!;
        await lock.release();
        expect(await lock.renew()).toBe(false);
      }
    });

    it('passes on when its holder is killed', async () => {
      const holder = await world.candidate();
      const epoch = await holder.acquire(0n);
      await world.kill(holder);
      const next = await world.candidate();
      expect(await next.acquire(0n)).toBeGreaterThan(epoch!);
      await next.release();
    });

    it('lifts the epoch above one that was heard, for the next holders too', async () => {
      const holder = await world.candidate();
      await holder.acquire(0n);
      const lifted = await holder.liftEpoch(1_000_000_000_000_000n);
      expect(lifted).toBeGreaterThan(1_000_000_000_000_000n);
      expect(await holder.liftEpoch(5n)).toBeGreaterThan(lifted!);
      await holder.release();
      const next = await world.candidate();
      expect(await next.acquire(0n)).toBeGreaterThan(lifted!);
      await next.release();
    });

    it('begins above an epoch that the asker has heard of, and tells it the next holders', async () => {
      const holder = await world.candidate();
      expect(await holder.acquire(1_152_921_504_606_846_976n)).toBe(1_152_921_504_606_846_977n);
      await holder.release();
      const next = await world.candidate();
      expect(await next.acquire(5n)).toBe(1_152_921_504_606_846_978n);
      await next.release();
    });

    it('lifts nothing for one who does not hold it', async () => {
      const [holder, other] = [await world.candidate(), await world.candidate()];
      const epoch = await holder.acquire(0n);
      expect(await other.liftEpoch(1_000n)).toBeUndefined();
      await holder.release();
      expect(await holder.liftEpoch(1_000n)).toBeUndefined();
      const next = await world.candidate();
      expect(await next.acquire(0n)).toBe(epoch! + 1n);
      await next.release();
    });

    it('may be released twice, and by one who never held it', async () => {
      const [holder, other] = [await world.candidate(), await world.candidate()];
      await holder.acquire(0n);
      await other.release();
      expect(await holder.renew()).toBe(true);
      await holder.release();
      await holder.release();
    });
  });
}
