// The seam behind leadership: one exclusive lock, and the epoch that grows with every leader.
//
// What an implementation promises: at most one un-expired holder by the lock's own judgement, and an epoch from acquire or liftEpoch
// that is higher than any before, durably. What it does not promise: a paused holder may still believe that it leads. That is why
// every command carries the epoch, and why its receivers refuse lower ones.

export interface LeaderLock {
  /** How long one acquire or renewal holds, from before it was sent; Infinity where nothing can expire. */
  readonly leaseMs: number;
  /**
   * The sentence to refuse a start with when another holds the lock for long; undefined where candidates wait to take over.
   */
  readonly refusal: string | undefined;
  /** Tries once. Undefined if another holds it. Rejects if nothing is known. */
  acquire(): Promise<bigint | undefined>;
  /** False: it is lost for certain. Rejects if nothing is known. */
  renew(): Promise<boolean>;
  /** Stores an epoch above `above` if the lock is still held, and answers it; undefined if it is not held. */
  liftEpoch(above: bigint): Promise<bigint | undefined>;
  /** Lets others lead at once. Does nothing when it is not held. */
  release(): Promise<void>;
}
