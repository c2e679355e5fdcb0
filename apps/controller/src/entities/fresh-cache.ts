// A cache in front of the store: bounded in bytes, and no entry is used for longer than it is certain to be so.
//
// Guarantees: `peek` never waits; who asks while somebody else is asking gets the same answer; what is forgotten while it is being read is
// not remembered. A failure, and the answer that there is nothing, are not remembered.
import { LRUCache } from 'lru-cache';
import type { Clock } from '#clock';

interface Entry<Value> {
  readonly value: Value;
  /** When the store was asked, by the monotonic clock. */
  readonly askedAtMs: number;
}

export class FreshCache<Value extends object> {
  readonly #entries: LRUCache<string, Entry<Value>>;
  readonly #asking = new Map<string, Promise<Value | undefined>>();

  /** `sizeOf` answers bytes; `entryMs` how long an entry may be used at this moment. */
  constructor(
    bytesMax: number,
    sizeOf: (value: Value, key: string) => number,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly entryMs: () => number,
  ) {
    this.#entries = new LRUCache({ maxSize: bytesMax, sizeCalculation: ({ value }, key) => sizeOf(value, key) });
  }

  peek(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.clock.now() - entry.askedAtMs < this.entryMs() ? entry.value : undefined;
  }

  /** What is known, or what `load` finds. */
  read(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const known = this.peek(key);
    if (known !== undefined) return Promise.resolve(known);
    const underWay = this.#asking.get(key);
    if (underWay !== undefined) return underWay;
    const askedAtMs = this.clock.now();
    const asking: Promise<Value | undefined> = load()
      .then((value) => {
        if (this.#asking.get(key) === asking) this.#keep(key, value, askedAtMs);
        return value;
      })
      .finally(() => {
        if (this.#asking.get(key) === asking) this.#asking.delete(key);
      });
    this.#asking.set(key, asking);
    return asking;
  }

  /** Forgets the entries of which that is true, and everything that is being read: nobody knows yet what it will be. */
  forget(isStale: (value: Value) => boolean): void {
    this.#asking.clear();
    for (const [key, { value }] of [...this.#entries.entries()]) if (isStale(value)) this.#entries.delete(key);
  }

  #keep(key: string, value: Value | undefined, askedAtMs: number): void {
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, { value, askedAtMs });
  }
}
