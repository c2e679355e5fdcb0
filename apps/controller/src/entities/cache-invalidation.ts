// The seam by which controllers tell each other what they have written, so that caches do not keep what is no longer so.
//
// Guarantee: once `tell` has resolved and the other controllers are reachable, their holders were told to forget. While they may not be,
// `entryMs` bounds how long anything in a cache is used.
import type { Stale } from '#invalidation';

export type { Stale };

/** Whoever keeps a cache. */
export interface CacheHolder {
  /** Forgets what has to do with it, also what is being read at this moment. Others' business is ignored. */
  forgetStale(stale: Stale): void;
}

export interface CacheInvalidation {
  /** How long an entry may be used after it was read, by the state of this moment. */
  readonly entryMs: number;
  /** Whether the writes of other controllers arrive. */
  readonly isConnected: boolean;
  join(holder: CacheHolder): void;
  /** Call after a write. Resolves when the others were told, or soon: then they are told as soon as that is possible. */
  tell(stale: Stale): Promise<void>;
  close(): Promise<void>;
}

/** Of a controller that hears of nobody else's writes: it is alone, or entries have to be young. */
export class InProcessInvalidation implements CacheInvalidation {
  readonly isConnected = true;
  private readonly holders = new Set<CacheHolder>();

  constructor(readonly entryMs = Infinity) {}

  join(holder: CacheHolder): void {
    this.holders.add(holder);
  }

  tell(stale: Stale): Promise<void> {
    for (const holder of this.holders) holder.forgetStale(stale);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.holders.clear();
    return Promise.resolve();
  }
}
