// Controllers that one supervisor made one tell each other over it what they have written: no store and no Redis is between them.
//
// Guarantee: as the seam's. A supervisor that vanishes takes its controllers with it, so entries need no age.
import type { Siblings } from '#lifecycle';
import { type CacheHolder, type CacheInvalidation, InProcessInvalidation, type Stale } from './cache-invalidation';

export class SiblingInvalidation implements CacheInvalidation {
  readonly entryMs = Infinity;
  readonly isConnected = true;
  private readonly own = new InProcessInvalidation();

  constructor(private readonly siblings: Siblings) {
    // A supervisor is believed: what it passes on was written by a process of this very program.
    siblings.onNote((note) => void this.own.tell(note as Stale));
  }

  join(holder: CacheHolder): void {
    this.own.join(holder);
  }

  async tell(stale: Stale): Promise<void> {
    await this.own.tell(stale);
    await this.siblings.tell(stale);
  }

  close(): Promise<void> {
    return this.own.close();
  }
}
