// What is known of each action key's runs: the mean of the last ten durations and the age of the oldest run. Pure.
// The scheduler decides from it how many containers a demand needs (architecture, section 4).
//
// Runs under way stand in a linked list of their key, and each keeps its link: not in a map, for the reason that deadlines.ts states.

const sampleCount = 10;

interface KeyStatistics {
  readonly samples: number[];
  next: number;
  sum: number;
  running: number;
  /** Of those that are running, in the order of their start. */
  first: UnderWay | undefined;
  last: UnderWay | undefined;
}

/** The link of a run that goes on. */
export interface UnderWay {
  readonly of: KeyStatistics;
  readonly startedAt: number;
  before: UnderWay | undefined;
  after: UnderWay | undefined;
}

/** What runs, in one container at a time. RunStatistics owns this. */
export interface MeasuredRun {
  underWay: UnderWay | undefined;
}

export class RunStatistics {
  private readonly keys = new Map<string, KeyStatistics>();

  /** `keysMax`: keys whose runs have all ended are forgotten, oldest first and some at once, beyond this number. */
  constructor(private readonly keysMax = 10_000) {}

  started(key: string, run: MeasuredRun, now: number): void {
    this.ended(run, now, false);
    let statistics = this.keys.get(key);
    if (!statistics) {
      statistics = { samples: [], next: 0, sum: 0, running: 0, first: undefined, last: undefined };
      this.keys.set(key, statistics);
      if (this.keys.size > this.keysMax) this.forgetSome();
    }
    enter(statistics, run, now);
  }

  /** What came before the run is over (an /init, a resume): its duration counts from now. */
  begun(run: MeasuredRun, now: number): void {
    const statistics = run.underWay?.of;
    if (!statistics) return;
    leave(run);
    enter(statistics, run, now);
  }

  /** `counts` is false for runs that say nothing about the action, e.g. a lost container. Harmless for one that is not running. */
  ended(run: MeasuredRun, now: number, counts: boolean): void {
    if (!run.underWay) return;
    const { of: statistics, startedAt } = run.underWay;
    leave(run);
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
    return this.keys.get(key)?.running ?? 0;
  }

  oldestRunningMs(key: string, now: number): number {
    const first = this.keys.get(key)?.first;
    return first ? Math.max(0, now - first.startedAt) : 0;
  }

  /** A map is slow to begin to read where much was deleted: one by one, each would cost as much as many. */
  private forgetSome(): void {
    let left = Math.ceil(this.keysMax / 16);
    for (const [key, statistics] of this.keys) {
      if (statistics.running > 0) continue;
      this.keys.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

function enter(statistics: KeyStatistics, run: MeasuredRun, startedAt: number): void {
  const { last } = statistics;
  const underWay: UnderWay = { of: statistics, startedAt, before: last, after: undefined };
  if (last) last.after = underWay;
  else statistics.first = underWay;
  statistics.last = underWay;
  statistics.running += 1;
  run.underWay = underWay;
}

function leave(run: MeasuredRun): void {
  const { of: statistics, before, after } = run.underWay!;
  if (before) before.after = after;
  else statistics.first = after;
  if (after) after.before = before;
  else statistics.last = before;
  // What has left holds nothing that goes on.
  run.underWay!.before = run.underWay!.after = undefined;
  statistics.running -= 1;
  run.underWay = undefined;
}
