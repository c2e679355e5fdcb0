// What is known of each action key's runs: the mean of the last ten durations and the age of the oldest run. Pure.
// The scheduler decides from it how many containers a demand needs (architecture, section 4).
// Those of a key that has containers are kept with these (warm-containers.ts), so that a run looks nothing up; the others rest here.
//
// Runs under way stand in a linked list of their key, and each keeps its link: not in a map, for the reason that deadlines.ts states.

const sampleCount = 10;

export interface KeyStatistics {
  /** Of the first ten runs each makes a new one, by `concat`: most keys have few, and what grows by `push` or a spread has room for sixteen more at once. */
  samples: number[];
  next: number;
  sum: number;
  running: number;
  /** Of those that are running, in the order of their start. */
  first: UnderWay | undefined;
  last: UnderWay | undefined;
  /** Of the run that ended last: what has grown old is used again, since a new one in something old costs the collection of garbage a visit. */
  spare: UnderWay | undefined;
}

/** The link of a run that goes on. */
export interface UnderWay {
  readonly of: KeyStatistics;
  startedAt: number;
  before: UnderWay | undefined;
  after: UnderWay | undefined;
}

/** What runs, in one container at a time. RunStatistics owns this. */
export interface MeasuredRun {
  underWay: UnderWay | undefined;
}

export class RunStatistics {
  /** The one that has rested for longest first. */
  private readonly resting = new Map<string, KeyStatistics>();

  /** `restingMax`: of keys without containers the oldest are forgotten, some at once, beyond this number. */
  constructor(private readonly restingMax = 10_000) {}

  /** Of a key without containers, if anything is remembered. */
  find(key: string): KeyStatistics | undefined {
    return this.resting.get(key);
  }

  /** The key gets its first container, which keeps them from now on. */
  take(key: string): KeyStatistics {
    const known = this.resting.get(key);
    if (!known)
      return { samples: [], next: 0, sum: 0, running: 0, first: undefined, last: undefined, spare: undefined };
    this.resting.delete(key);
    return known;
  }

  /** The last container of the key is gone. */
  rest(key: string, statistics: KeyStatistics): void {
    statistics.spare = undefined;
    this.resting.set(key, statistics);
    if (this.resting.size > this.restingMax) this.forgetSome();
  }

  started(statistics: KeyStatistics, run: MeasuredRun, now: number): void {
    this.ended(run, now, false);
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
    if (statistics.next === statistics.samples.length) statistics.samples = statistics.samples.concat(duration);
    else statistics.samples[statistics.next] = duration;
    statistics.next = (statistics.next + 1) % sampleCount;
  }

  /** A map is slow to begin to read where much was deleted: one by one, each would cost as much as many. */
  private forgetSome(): void {
    let left = Math.ceil(this.restingMax / 16);
    for (const key of this.resting.keys()) {
      this.resting.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

/** Milliseconds; 0 = unknown. */
export function meanMs(statistics: KeyStatistics | undefined): number {
  // Never exactly 0 when known: 0 means unknown on the wire.
  return statistics && statistics.samples.length > 0 ? Math.max(0.01, statistics.sum / statistics.samples.length) : 0;
}

export function oldestRunningMs(statistics: KeyStatistics | undefined, now: number): number {
  return statistics?.first ? Math.max(0, now - statistics.first.startedAt) : 0;
}

function enter(statistics: KeyStatistics, run: MeasuredRun, startedAt: number): void {
  const { last, spare } = statistics;
  const underWay = spare ?? { of: statistics, startedAt, before: last, after: undefined };
  if (spare) {
    statistics.spare = undefined;
    spare.startedAt = startedAt;
    spare.before = last;
  }
  if (last) last.after = underWay;
  else statistics.first = underWay;
  statistics.last = underWay;
  statistics.running += 1;
  run.underWay = underWay;
}

function leave(run: MeasuredRun): void {
  const underWay = run.underWay!;
  const { of: statistics, before, after } = underWay;
  if (before) before.after = after;
  else statistics.first = after;
  if (after) after.before = before;
  else statistics.last = before;
  // What has left holds nothing that goes on.
  underWay.before = underWay.after = undefined;
  statistics.spare = underWay;
  statistics.running -= 1;
  run.underWay = undefined;
}
