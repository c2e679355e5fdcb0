import { ManualClock } from '#clock';
import { silentLogger } from '#telemetry';
import { Elector } from './elector';
import type { LeaderLock, LeaderRecord } from './leader-lock';

/** A lock whose answers the test decides. */
class ScriptedLock implements LeaderLock {
  leaseMs = 3_000;
  refusal: string | undefined;
  isFree = true;
  isHeld = false;
  answers = true;
  epoch = 0n;
  holder: LeaderRecord | undefined;
  holderLeftMs: number | undefined;

  acquire(above: bigint): Promise<bigint | undefined> {
    if (!this.answers) return Promise.reject(new Error('no answer'));
    if (!this.isFree) return Promise.resolve(undefined);
    this.isHeld = true;
    this.epoch = (above > this.epoch ? above : this.epoch) + 1n;
    return Promise.resolve(this.epoch);
  }

  renew(): Promise<boolean> {
    return this.answers ? Promise.resolve(this.isHeld) : Promise.reject(new Error('no answer'));
  }

  liftEpoch(above: bigint): Promise<bigint | undefined> {
    if (!this.isHeld) return Promise.resolve(undefined);
    this.epoch = above + 1n;
    return Promise.resolve(this.epoch);
  }

  release(): Promise<void> {
    this.isHeld = false;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.release();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 12));

function setUp(): {
  lock: ScriptedLock;
  elector: Elector;
  clock: ManualClock;
  reigns: { epoch: bigint; signal: AbortSignal }[];
  raised: bigint[];
  stoodBy: (LeaderRecord | undefined)[];
} {
  const lock = new ScriptedLock();
  const clock = new ManualClock();
  const reigns: { epoch: bigint; signal: AbortSignal }[] = [];
  const raised: bigint[] = [];
  const stoodBy: (LeaderRecord | undefined)[] = [];
  const leader = {
    lead: (epoch: bigint, signal: AbortSignal) => void reigns.push({ epoch, signal }),
    raise: (epoch: bigint) => void raised.push(epoch),
    standBy: () => void stoodBy.push(elector.leader),
  };
  const elector = new Elector(lock, leader, clock, { renewMs: 1_000, tryMs: 5, refuseAfterMs: 50 }, silentLogger);
  return { lock, elector, clock, reigns, raised, stoodBy };
}

describe('elector', () => {
  it('hands out a signal that aborts when the lease lapses, and leads again under another', async () => {
    const { lock, elector, clock, reigns } = setUp();
    await elector.start();
    await turn();
    expect(elector.holds()).toBe(true);
    lock.answers = false;
    clock.advance(3_000);
    expect(elector.holds()).toBe(false);
    await turn();
    expect(reigns[0]!.signal.aborted).toBe(true);
    lock.answers = true;
    clock.advance(5);
    await turn();
    expect(reigns.map(({ epoch }) => epoch)).toEqual([1n, 2n]);
    expect(reigns[1]!.signal.aborted).toBe(false);
    await elector.stop();
  });

  it('raises the epoch above one that was heard', async () => {
    const { elector, reigns, raised } = setUp();
    await elector.start();
    await turn();
    elector.heard(20n);
    await turn();
    expect(raised).toEqual([21n]);
    expect(elector.epoch).toBe(21n);
    expect(reigns[0]!.signal.aborted).toBe(false);
    await elector.stop();
  });

  it('waits as a candidate where the lock says so, and leads when it is free', async () => {
    const { lock, elector, clock, reigns } = setUp();
    lock.isFree = false;
    await elector.start();
    await turn();
    expect(reigns).toEqual([]);
    lock.isFree = true;
    clock.advance(5);
    await turn();
    expect(reigns).toHaveLength(1);
    await elector.stop();
  });

  it('tells that it stands by and who leads, and begins above the epoch of that one', async () => {
    const { lock, elector, clock, reigns, stoodBy } = setUp();
    const other = { schedulerId: 'other', epoch: 7n, listen: 'a:1', admin: 'a:2' };
    Object.assign(lock, { isFree: false, holder: other });
    await elector.start();
    await turn();
    expect(stoodBy[0]).toEqual(other);
    Object.assign(lock, { isFree: true, holder: undefined });
    clock.advance(5);
    await turn();
    expect(reigns[0]!.epoch).toBe(8n);
    expect(elector.leader).toBeUndefined();
    await elector.stop();
  });

  it('tries when the time of the holder is over, if that is before its next attempt', async () => {
    const { lock, elector, clock, reigns } = setUp();
    Object.assign(lock, { isFree: false, holderLeftMs: 3 });
    await elector.start();
    await turn();
    Object.assign(lock, { isFree: true });
    clock.advance(4);
    await turn();
    expect(reigns).toHaveLength(1);
    await elector.stop();
  });

  it('lets others lead when it steps down, and when its lease has lapsed', async () => {
    const { lock, elector, clock, reigns } = setUp();
    await elector.start();
    await turn();
    elector.stepDown();
    expect([reigns[0]!.signal.aborted, lock.isHeld]).toEqual([true, false]);
    clock.advance(2_999);
    await turn();
    expect(reigns).toHaveLength(1);
    clock.advance(1);
    await turn();
    expect(reigns).toHaveLength(2);
    lock.renew = () => Promise.reject(new Error('no answer'));
    clock.advance(3_000);
    await turn();
    expect(reigns[1]!.signal.aborted).toBe(true);
    await elector.stop();
  });

  it('ignores what became of the epoch of an earlier reign', async () => {
    const { lock, elector, clock, reigns } = setUp();
    await elector.start();
    await turn();
    let answer = (_: bigint | undefined): void => undefined;
    lock.liftEpoch = () => new Promise((resolve) => (answer = resolve));
    elector.heard(20n);
    clock.advance(3_000);
    await turn();
    clock.advance(5);
    await turn();
    expect(reigns.map(({ epoch }) => epoch)).toEqual([1n, 21n]);
    answer(undefined);
    await turn();
    expect(elector.holds()).toBe(true);
    await elector.stop();
  });

  it('is refused with the sentence of the lock where candidates do not wait', async () => {
    const { lock, elector, clock } = setUp();
    lock.isFree = false;
    lock.refusal = 'somebody else leads here.';
    const refused = expect(elector.start()).rejects.toThrow('somebody else leads here.');
    await turn();
    clock.advance(50);
    await refused;
    await elector.stop();
  });

  it('lets go of the lock and of everything that hangs on it when it stops', async () => {
    const { lock, elector, reigns } = setUp();
    await elector.start();
    await turn();
    await elector.stop();
    expect(reigns[0]!.signal.aborted).toBe(true);
    expect(lock.isHeld).toBe(false);
  });
});
