// When a store's worker collects its old garbage: once there may be more of it than a limit. Pure.
//
// V8 collects the old generation for want of room alone, at 8 MB more than its last collection left. Nearly all of what a batch of records makes is gone with the young generation, so that
// in the worker 8 MB take half an hour, during which the memory of the process grows.
import type { Limits } from '#limits';

export type CollectionLimits = Pick<Limits, 'storeGarbageBytes' | 'storeGarbageLookMs'>;

export class CollectionPlan {
  /** The old generation after the last collection. Before the first one: nothing, so that what the start of the worker left is collected, too. */
  private leftBytes = 0;

  constructor(private readonly limits: Pick<CollectionLimits, 'storeGarbageBytes'>) {}

  /** Whether an old generation of this size is collected now. One that V8 has collected meanwhile is reckoned from there. */
  isDue(oldBytes: number): boolean {
    const isDue = oldBytes - this.leftBytes >= this.limits.storeGarbageBytes;
    this.leftBytes = Math.min(this.leftBytes, oldBytes);
    return isDue;
  }

  collected(oldBytes: number): void {
    this.leftBytes = oldBytes;
  }
}
