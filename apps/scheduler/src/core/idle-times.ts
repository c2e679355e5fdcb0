// How long an action key was idle between two uses, as a histogram. Pure.
//
// Guarantees: the memory of one is bounded by the number of its bins, that of all by the number of keys that are remembered, the longest unused first
// to be forgotten; adding a time costs constant time.
import type { Limits } from '#limits';

type Bounds = Pick<Limits, 'idleTimesBinMs' | 'idleTimesBinCount' | 'idleTimesKeyCount'>;

export class IdleTimes {
  private readonly bins: Uint32Array;
  private beyond = 0;
  private within = 0;

  constructor(private readonly bounds: Bounds) {
    this.bins = new Uint32Array(bounds.idleTimesBinCount);
  }

  add(ms: number): void {
    const bin = Math.floor(ms / this.bounds.idleTimesBinMs);
    if (bin >= this.bins.length) {
      this.beyond += 1;
      return;
    }
    this.bins[bin]! += 1;
    this.within += 1;
  }

  get count(): number {
    return this.within + this.beyond;
  }

  /** Of all times, those longer than the histogram. */
  get beyondShare(): number {
    return this.count === 0 ? 0 : this.beyond / this.count;
  }

  /** The end of the bin in which that share of the times within the histogram is reached. */
  quantileMs(share: number): number {
    let left = Math.ceil(share * this.within);
    for (const [bin, count] of this.bins.entries()) {
      left -= count;
      if (left <= 0) return (bin + 1) * this.bounds.idleTimesBinMs;
    }
    return this.bins.length * this.bounds.idleTimesBinMs;
  }
}

interface Known {
  readonly times: IdleTimes;
  /** How many of its containers are in use, and when the last of them was let go. */
  inUse: number;
  restsSinceMs: number | undefined;
}

export class IdleTimesByKey {
  /** The longest unused first. */
  private readonly keys = new Map<string, Known>();

  constructor(private readonly bounds: Bounds) {}

  of(actionKey: string): IdleTimes | undefined {
    return this.keys.get(actionKey)?.times;
  }

  /** One of its containers is used now. */
  used(actionKey: string, nowMs: number): void {
    const known = this.keys.get(actionKey) ?? { times: new IdleTimes(this.bounds), inUse: 0, restsSinceMs: undefined };
    this.keys.delete(actionKey);
    this.keys.set(actionKey, known);
    if (known.inUse === 0 && known.restsSinceMs !== undefined) known.times.add(nowMs - known.restsSinceMs);
    known.inUse += 1;
    if (this.keys.size <= this.bounds.idleTimesKeyCount) return;
    const [oldest] = this.keys.keys();
    this.keys.delete(oldest!);
  }

  /** One of them is used no more, or is gone. */
  rests(actionKey: string, sinceMs: number): void {
    const known = this.keys.get(actionKey);
    if (!known || known.inUse === 0) return;
    known.inUse -= 1;
    known.restsSinceMs = sinceMs;
  }
}
