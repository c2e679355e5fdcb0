// Names that strangers asked for and that lead nowhere, so that asking again costs the store nothing.
//
// Guarantees: bounded in number; an entry is used for at most `absentNameMs`, and none after the word came that anything was written, here or
// elsewhere (cache-invalidation.ts): what was just made is there at once. What was looked for while that word came is not remembered.
import { LRUCache } from 'lru-cache';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { CacheHolder, CacheInvalidation } from './cache-invalidation';

export class AbsentNames implements CacheHolder {
  /** Name -> when it was looked for, by the monotonic clock. */
  readonly #names: LRUCache<string, number>;
  #writes = 0;

  constructor(
    private readonly limits: Pick<Limits, 'absentNamesCount' | 'absentNameMs'>,
    private readonly clock: Pick<Clock, 'now'>,
    invalidation: Pick<CacheInvalidation, 'join'>,
  ) {
    invalidation.join(this);
    this.#names = new LRUCache({ max: limits.absentNamesCount });
  }

  has(name: string): boolean {
    const askedAtMs = this.#names.get(name);
    return askedAtMs !== undefined && this.clock.now() - askedAtMs < this.limits.absentNameMs;
  }

  /** Call before a name is looked for; what is answered takes the name if it is not there. */
  look(): (name: string) => void {
    const [writes, askedAtMs] = [this.#writes, this.clock.now()];
    return (name) => {
      if (writes === this.#writes) this.#names.set(name, askedAtMs);
    };
  }

  /** Whatever it was, something may be there now. */
  forgetStale(): void {
    this.#writes += 1;
    this.#names.clear();
  }
}
