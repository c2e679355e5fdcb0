// Deadlines of many items that mostly wait equally long. Pure; time is an argument.
//
// Guarantee: adding, removing and expiring cost constant time for each item, and nothing for a timer each: items with the same duration
// expire in the order in which they came, so only the first of each duration is ever looked at.
//
// They stand in linked lists, and each item keeps its link. A map in which items come and go thousands of times a second leaves its old tables
// behind, each of which points to the next: one that has grown old keeps all after it, and what was in them, from being collected young.

/** Has a deadline at times, in one `Deadlines` only, which owns this. */
export interface Deadlined {
  deadline: Deadline | undefined;
}

/** The link of one item; it is used again when the item is added again. */
export class Deadline {
  at = 0;
  line: Line | undefined = undefined;
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;

  constructor(readonly item: Deadlined) {}
}

/** Those of one duration, in the order in which they came. */
interface Line {
  readonly durationMs: number;
  first: Deadline | undefined;
  last: Deadline | undefined;
}

export class Deadlines<Item extends Deadlined> {
  private readonly lines = new Map<number, Line>();

  /** `durationMs` from now. An item may stand here once. */
  add(item: Item, durationMs: number, now: number): void {
    this.remove(item);
    let line = this.lines.get(durationMs);
    if (!line) this.lines.set(durationMs, (line = { durationMs, first: undefined, last: undefined }));
    const deadline = (item.deadline ??= new Deadline(item));
    deadline.at = now + durationMs;
    deadline.line = line;
    deadline.before = line.last;
    if (line.last) line.last.after = deadline;
    else line.first = deadline;
    line.last = deadline;
  }

  /** Harmless when it does not stand here. */
  remove({ deadline }: Item): void {
    const line = deadline?.line;
    if (!line) return;
    const { before, after } = deadline;
    if (before) before.after = after;
    else line.first = after;
    if (after) after.before = before;
    else line.last = before;
    deadline.line = deadline.before = deadline.after = undefined;
    if (!line.first) this.lines.delete(line.durationMs);
  }

  /** Takes out everything whose time has come. */
  expire(now: number): Item[] {
    const expired: Item[] = [];
    for (const line of this.lines.values()) {
      while (line.first && line.first.at <= now) {
        const item = line.first.item as Item;
        expired.push(item);
        this.remove(item);
      }
    }
    return expired;
  }
}
