// What is known of each action key's runs: the mean of the last ten durations and the age of the oldest run. Pure.
// The scheduler decides from it how many containers a demand needs (architecture, section 4).

const sampleCount = 10;

interface KeyStatistics<Run> {
  readonly samples: number[];
  next: number;
  sum: number;
  /** Insertion order is start order. */
  readonly running: Map<Run, number>;
}

export class RunStatistics<Run> {
  private readonly keys = new Map<string, KeyStatistics<Run>>();

  /** `keysMax`: keys whose runs have all ended are forgotten, oldest first and some at once, beyond this number. */
  constructor(private readonly keysMax = 10_000) {}

  started(key: string, run: Run, now: number): void {
    let statistics = this.keys.get(key);
    if (!statistics) {
      statistics = { samples: [], next: 0, sum: 0, running: new Map() };
      this.keys.set(key, statistics);
      if (this.keys.size > this.keysMax) this.forgetSome();
    }
    statistics.running.set(run, now);
  }

  /** What came before the run is over (an /init, a resume): its duration counts from now. */
  begun(key: string, run: Run, now: number): void {
    const running = this.keys.get(key)?.running;
    if (running?.delete(run)) running.set(run, now);
  }

  /** `counts` is false for runs that say nothing about the action, e.g. a lost container. */
  ended(key: string, run: Run, now: number, counts: boolean): void {
    const statistics = this.keys.get(key);
    const startedAt = statistics?.running.get(run);
    if (!statistics || startedAt === undefined) return;
    statistics.running.delete(run);
    if (!counts) return;
    const duration = now - startedAt;
    statistics.sum += duration - (statistics.samples[statistics.next] ?? 0);
    statistics.samples[statistics.next] = duration;
    statistics.next = (statistics.next + 1) % sampleCount;
  }

  /** Milliseconds; 0 = unknown. */
  meanMs(key: string): number {
    const statistics = this.keys.get(key);
    // Never exactly 0 when known: 0 means unknown on the wire.
    return statistics && statistics.samples.length > 0 ? Math.max(0.01, statistics.sum / statistics.samples.length) : 0;
  }

  inFlight(key: string): number {
    return this.keys.get(key)?.running.size ?? 0;
  }

  oldestRunningMs(key: string, now: number): number {
    for (const startedAt of this.keys.get(key)?.running.values() ?? []) return Math.max(0, now - startedAt);
    return 0;
  }

  /** A map is slow to begin to read where much was deleted: one by one, each would cost as much as many. */
  private forgetSome(): void {
    let left = Math.ceil(this.keysMax / 16);
    for (const [key, statistics] of this.keys) {
      if (statistics.running.size > 0) continue;
      this.keys.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}
