// Leadership of several schedulers over one Redis: redlock for mutual exclusion, our own scripts for the epoch.
//
// Whoever takes the lock raises the epoch, extends the lock once more (it must still be held), and only then leads. Guarantees: at
// most one holder by Redis' clock; an epoch higher than any that Redis or the asker knows. Redlock's own notion of expiry is the
// calendar of this host and is not used: what a holder may still do is decided by Leadership's monotonic clock. A Redis that loses its
// data, or is replaced by a replica that lags, may give the lock to two at once; then the epoch decides at the agents.
import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { ExecutionError, Lock, Redlock, ResourceLockedError } from 'redlock';
import type { LeaderLock, LeaderRecord, SchedulerAddresses } from './leader-lock';
import { readLeaderRecord, writeLeaderRecord } from './leader-record';
import { defineLeaderCommands, type LeaderCommands } from './redis-scripts';

/** The braces keep them in one slot, where somebody runs a Redis cluster. */
/** Holds the epoch of the newest leader. */
export const leaderEpochKey = '{hearth:leader}:epoch';
const keys = { lock: '{hearth:leader}:lock', epoch: leaderEpochKey, record: '{hearth:leader}:record' };

const withoutRetries = { retryCount: 0 };

interface Held {
  /** Redlock's secret of this hold. */
  readonly value: string;
  epoch: bigint;
}

export class RedisLeaderLock implements LeaderLock {
  readonly refusal = undefined;
  holder: LeaderRecord | undefined;
  holderLeftMs: number | undefined;
  private readonly redis: Redis & LeaderCommands;
  private readonly redlock: Redlock;
  private held: Held | undefined;

  /** `own` is asked when it leads: ports may be chosen late. It takes the connection over and closes it. */
  constructor(
    redis: Redis,
    readonly leaseMs: number,
    private readonly own: () => SchedulerAddresses,
  ) {
    this.redis = defineLeaderCommands(redis);
    // Its scripts select the database themselves, 0 unless told.
    this.redlock = new Redlock([redis], { ...withoutRetries, db: redis.options.db ?? 0 });
  }

  async acquire(above: bigint): Promise<bigint | undefined> {
    if (this.held) throw new Error('leader lock: it is held already, acquire it once.');
    await this.connected();
    const [[lock, record], leftMs] = await Promise.all([
      this.redis.mget(keys.lock, keys.record),
      this.redis.pttl(keys.lock),
    ]);
    this.holderLeftMs = leftMs >= 0 ? leftMs : undefined;
    this.holder = readLeaderRecord(lock ?? null, record ?? null);
    if (lock !== null) return undefined;
    const value = await this.take();
    if (value === undefined) return undefined;
    this.held = { value, epoch: 0n };
    try {
      const epoch = await this.liftEpoch(above);
      if (epoch !== undefined && (await this.extend(value))) return epoch;
      this.held = undefined;
      return undefined;
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  async renew(): Promise<boolean> {
    const { held } = this;
    if (!held) return false;
    const [isHeld] = await Promise.all([this.extend(held.value), this.tell(held)]);
    return isHeld;
  }

  async liftEpoch(above: bigint): Promise<bigint | undefined> {
    const { held } = this;
    if (!held) return undefined;
    const stored = await this.redis.raiseEpoch(keys.lock, keys.epoch, held.value, String(above));
    if (stored === null) return undefined;
    held.epoch = BigInt(stored);
    await this.tell(held);
    return held.epoch;
  }

  async release(): Promise<void> {
    const { held } = this;
    if (!held) return;
    this.held = undefined;
    // Sent together, so that an acquire that follows at once comes after both.
    await Promise.all([
      this.redis.forgetLeader(keys.lock, keys.record, held.value),
      refusedOrThrow(this.redlock.release(this.lockOf(held.value))),
    ]);
  }

  async close(): Promise<void> {
    try {
      await this.release();
    } finally {
      this.redis.disconnect();
    }
  }

  /** Waits for a connection that is being made, for a while. */
  private async connected(): Promise<void> {
    if (this.redis.status === 'ready') return;
    const waitMs = this.redis.options.commandTimeout ?? this.leaseMs;
    try {
      await once(this.redis, 'ready', { signal: AbortSignal.timeout(waitMs) });
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
      throw new Error(`no connection to Redis within ${waitMs} ms`, { cause: error });
    }
  }

  /** Redlock's secret if the lock was free. */
  private async take(): Promise<string | undefined> {
    const lock = await refusedOrThrow(this.redlock.acquire([keys.lock], this.leaseMs));
    return lock?.value;
  }

  private async extend(value: string): Promise<boolean> {
    return (await refusedOrThrow(this.redlock.extend(this.lockOf(value), this.leaseMs))) !== undefined;
  }

  /** Never expired by the calendar of this host; Redis decides. */
  private lockOf(value: string): Lock {
    return new Lock(this.redlock, [keys.lock], value, [], Infinity);
  }

  private async tell({ value, epoch }: Held): Promise<void> {
    const text = writeLeaderRecord(value, { ...this.own(), epoch });
    await this.redis.tellLeader(keys.lock, keys.record, value, text, this.leaseMs);
  }
}

/** Undefined if Redis answered that another holds the lock, or nobody; throws what kept it from answering. */
async function refusedOrThrow<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ExecutionError)) throw error;
    const votes = await Promise.all(error.attempts);
    const reasons = votes.flatMap(({ votesAgainst }) => [...votesAgainst.values()]);
    const unknown = reasons.find((reason) => !(reason instanceof ResourceLockedError));
    if (unknown ?? reasons.length === 0) throw unknown ?? error;
    return undefined;
  }
}
