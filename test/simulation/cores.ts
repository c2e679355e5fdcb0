// The processor cores of one machine, shared by all that works on it at the same time: what needs more than there is takes longer for everybody.
//
// Guarantees: work gets equal shares, and none more than one core; so much is done as the cores can do, no more; without work there are no events.
import type { EventQueue } from './event-queue';

interface Job {
  /** On the scale of what each job has been given so far. */
  readonly endsAt: number;
  readonly done: () => void;
}

/** Rounding of sums of milliseconds. */
const tinyMs = 1e-6;
const nothing = (): void => undefined;

export class Cores {
  private jobs: Job[] = [];
  /** Milliseconds of a core that each job has been given, summed from the beginning. */
  private given = 0;
  private givenUntil = 0;
  private turn = 0;

  constructor(
    private readonly queue: EventQueue,
    /** May be a fraction: what others leave of them. */
    private readonly count: number,
  ) {}

  /** How many times as long as alone a moment's work takes now. */
  get stretch(): number {
    return Math.max(1, (this.jobs.length + 1) / this.count);
  }

  /** Calls back when so much has been done. */
  work(ms: number, done: () => void): void {
    this.settle();
    this.jobs.push({ endsAt: this.given + ms, done });
    this.plan();
  }

  /** What takes `ms` alone and keeps a core busy for `share` of that (above 1: several). */
  take(ms: number, share: number, done: () => void): void {
    const busyMs = ms * Math.min(1, share);
    if (share > 1) this.work(ms * (share - 1), nothing);
    this.work(busyMs, () => (ms - busyMs > 0 ? this.queue.after(ms - busyMs, done) : done()));
  }

  /** The same for what is too short to be worth an event of its own: answers how long it takes now, and is work for the others. */
  passing(ms: number, share: number): number {
    const busyMs = ms * share;
    const took = ms - busyMs + busyMs * this.stretch;
    if (busyMs > 0) this.work(busyMs, nothing);
    return took;
  }

  private get rate(): number {
    return Math.min(1, this.count / this.jobs.length);
  }

  private settle(): void {
    const { now } = this.queue;
    if (this.jobs.length > 0) this.given += (now - this.givenUntil) * this.rate;
    this.givenUntil = now;
  }

  /** The next end; what was planned before is void. */
  private plan(): void {
    const turn = (this.turn += 1);
    const next = this.jobs.reduce((least, { endsAt }) => Math.min(least, endsAt), Infinity);
    if (next === Infinity) return;
    this.queue.after(Math.max(0, next - this.given) / this.rate, () => {
      if (turn === this.turn) this.finish();
    });
  }

  private finish(): void {
    this.settle();
    const isOver = ({ endsAt }: Job): boolean => endsAt <= this.given + tinyMs;
    const over = this.jobs.filter(isOver);
    this.jobs = this.jobs.filter((job) => !isOver(job));
    this.plan();
    for (const { done } of over) done();
  }
}
