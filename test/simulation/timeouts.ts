// Time-outs that are mostly called off before they come: those of one duration wait in the order in which they were set, and only the first of
// each stands in the queue of events. So setting one and calling it off cost constant time, and what is over leaves nothing behind.
import type { EventQueue } from './event-queue';

export interface Timeout {
  /** Does nothing once it has come. */
  cancel(): void;
}

class Entry implements Timeout {
  before: Entry | undefined;
  after: Entry | undefined;

  constructor(
    readonly line: Line | undefined,
    readonly at: number,
    readonly act: () => void,
  ) {}

  cancel(): void {
    this.line?.remove(this);
  }
}

class Line {
  private first: Entry | undefined;
  private last: Entry | undefined;
  private isSet = false;

  constructor(
    private readonly queue: EventQueue,
    private readonly ms: number,
  ) {}

  add(act: () => void): Entry {
    const entry = new Entry(this, this.queue.now + this.ms, act);
    entry.before = this.last;
    if (this.last) this.last.after = entry;
    else this.first = entry;
    this.last = entry;
    this.set();
    return entry;
  }

  remove(entry: Entry): void {
    const { before, after } = entry;
    // It has come, or was called off before.
    if (!before && this.first !== entry) return;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    entry.before = entry.after = undefined;
  }

  private set(): void {
    if (this.isSet || !this.first) return;
    this.isSet = true;
    this.queue.at(this.first.at, () => this.come());
  }

  private come(): void {
    this.isSet = false;
    const entry = this.first;
    if (entry && entry.at <= this.queue.now) {
      this.remove(entry);
      this.set();
      return entry.act();
    }
    this.set();
  }
}

export class Timeouts {
  private readonly lines = new Map<number, Line>();

  constructor(private readonly queue: EventQueue) {}

  set(ms: number, act: () => void): Timeout {
    let line = this.lines.get(ms);
    if (!line) this.lines.set(ms, (line = new Line(this.queue, ms)));
    return line.add(act);
  }
}
