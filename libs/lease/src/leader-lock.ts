// The seam behind leadership: one exclusive lock, and the epoch that grows with every leader.
//
// What an implementation promises: at most one un-expired holder by the lock's own judgement, and an epoch from acquire or liftEpoch
// that is higher than any before, durably. What it does not promise: a paused holder may still believe that it leads. That is why
// every command carries the epoch, and why its receivers refuse lower ones. A lock whose store may lose its data (Redis) keeps the
// second promise with the help of those who remember: `above` is the highest epoch that the asker has heard of.

/** Where a scheduler is reached, and which it is. */
export interface SchedulerAddresses {
  readonly schedulerId: string;
  /** host:port of share-states and heartbeat. */
  readonly listen: string;
  /** host:port of admin. */
  readonly admin: string;
}

/** What a leader tells about itself beside its lock. */
export interface LeaderRecord extends SchedulerAddresses {
  readonly epoch: bigint;
}

export interface LeaderLock {
  /** How long one acquire or renewal holds, from before it was sent; Infinity where nothing can expire. */
  readonly leaseMs: number;
  /**
   * The sentence to refuse a start with when another holds the lock for long; undefined where candidates wait to take over.
   */
  readonly refusal: string | undefined;
  /** Tries once; answers an epoch higher than any before and than `above`. Undefined if another holds it. Rejects if nothing is known. */
  acquire(above: bigint): Promise<bigint | undefined>;
  /** Who held it when the last acquire was turned away; undefined if nobody did, or nobody says. */
  readonly holder: LeaderRecord | undefined;
  /** How long the holder of then still has, if nobody renews; undefined where nothing expires. */
  readonly holderLeftMs: number | undefined;
  /** False: it is lost for certain. Rejects if nothing is known. */
  renew(): Promise<boolean>;
  /** Stores an epoch above `above` if the lock is still held, and answers it; undefined if it is not held. */
  liftEpoch(above: bigint): Promise<bigint | undefined>;
  /** Lets others lead at once. Does nothing when it is not held. */
  release(): Promise<void>;
  /** Releases, and ends what it needs to ask. It is not used again. */
  close(): Promise<void>;
}
