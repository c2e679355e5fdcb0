// Deadlines of the pure core: a name, a time, and what is due then. Nothing here reads a clock; the core asks what is due
// whenever time reaches it. One deadline for each name: setting it again moves it.
import { EntryHeap, type HeapEntry } from './indexed-heap';

interface Deadline {
  /** Undefined: whoever set it keeps it. */
  readonly name: string | undefined;
  task: () => void;
  isOver: boolean;
}

/** A deadline without a name, for those who have many and would otherwise spell a name for each change. */
export type KeptDeadline = HeapEntry<Deadline>;

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
      this.byName.set(name, this.order.add({ name, task, isOver: false }, atMs));
      return;
    }
    entry.item.task = task;
    this.order.move(entry, atMs);
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

  /** Without a name: moves the one that is kept, or sets a new one. Answers what to keep. */
  keep(kept: KeptDeadline | undefined, atMs: number, task: () => void): KeptDeadline {
    if (!kept || kept.item.isOver) return this.order.add({ name: undefined, task, isOver: false }, atMs);
    kept.item.task = task;
    this.order.move(kept, atMs);
    return kept;
  }

  /** Harmless when it is over. */
  drop(kept: KeptDeadline | undefined): void {
    if (!kept || kept.item.isOver) return;
    kept.item.isOver = true;
    this.order.remove(kept);
  }

  /** Runs what is due. A task that sets a deadline in the past is run by the next call. */
  run(nowMs: number): void {
    const due: Deadline[] = [];
    for (let next = this.order.peek(); next && next.priority <= nowMs; next = this.order.peek()) {
      this.order.remove(next);
      next.item.isOver = true;
      if (next.item.name !== undefined) this.byName.delete(next.item.name);
      due.push(next.item);
    }
    for (const { task } of due) task();
  }
}
