// Deadlines of the pure core: a time, and what is due then. Nothing here reads a clock; the core asks what is due whenever time
// reaches it.
//
// Few are known by a name: setting one again moves it. Whoever has many keeps them, since a name would be spelled and looked up with
// each change.
import { EntryHeap, type HeapEntry } from './indexed-heap';

interface Deadline {
  /** Undefined: whoever set it keeps it. */
  readonly name: string | undefined;
  task: (about: never) => void;
  about: unknown;
}

/** A deadline without a name; the same one is set again and again. */
export type KeptDeadline = HeapEntry<Deadline>;

export function isSet(kept: KeptDeadline | undefined): kept is KeptDeadline {
  return kept !== undefined && kept.at >= 0;
}

export class Timers {
  private readonly order = new EntryHeap<Deadline>();
  private readonly byName = new Map<string, HeapEntry<Deadline>>();

  /** For tests and for "everything is quiet". */
  get size(): number {
    return this.order.size;
  }

  set(name: string, atMs: number, task: () => void): void {
    const entry = this.byName.get(name);
    if (!entry) {
      this.byName.set(name, this.order.add({ name, task, about: undefined }, atMs));
      return;
    }
    entry.item.task = task;
    this.order.put(entry, atMs);
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  cancel(name: string): void {
    const entry = this.byName.get(name);
    if (!entry) return;
    this.byName.delete(name);
    this.order.remove(entry);
  }

  /**
   * Without a name: sets the one that is kept again, or a new one. Answers what to keep. The task is called with `about`, so that one
   * function serves a hundred thousand deadlines.
   */
  keep<About>(kept: KeptDeadline | undefined, atMs: number, task: (about: About) => void, about: About): KeptDeadline {
    if (!kept) return this.order.add({ name: undefined, task, about }, atMs);
    kept.item.task = task;
    kept.item.about = about;
    this.order.put(kept, atMs);
    return kept;
  }

  /** Harmless when it is over. */
  drop(kept: KeptDeadline | undefined): void {
    if (isSet(kept)) this.order.remove(kept);
  }

  /** Runs what is due. A task that sets a deadline in the past is run by the next call. */
  run(nowMs: number): void {
    if (this.order.leastPriority > nowMs) return;
    const due: Pick<Deadline, 'task' | 'about'>[] = [];
    for (let next = this.order.peek(); next && next.priority <= nowMs; next = this.order.peek()) {
      this.order.remove(next);
      if (next.item.name !== undefined) this.byName.delete(next.item.name);
      const { task, about } = next.item;
      due.push({ task, about });
    }
    for (const { task, about } of due) task(about as never);
  }
}
