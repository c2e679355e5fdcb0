// Deadlines of the pure core: a name, a time, and what is due then. Nothing here reads a clock; the core asks what is due
// whenever time reaches it. One deadline for each name: setting it again moves it.
import { IndexedHeap } from './indexed-heap';

export class Timers {
  private readonly order = new IndexedHeap<string>();
  private readonly tasks = new Map<string, () => void>();

  /** For tests and for "everything is quiet". */
  get size(): number {
    return this.order.size;
  }

  set(name: string, atMs: number, task: () => void): void {
    this.order.set(name, atMs);
    this.tasks.set(name, task);
  }

  has(name: string): boolean {
    return this.tasks.has(name);
  }

  cancel(name: string): void {
    if (this.order.delete(name)) this.tasks.delete(name);
  }

  /** Runs what is due. A task that sets a deadline in the past is run by the next call. */
  run(nowMs: number): void {
    const due: (() => void)[] = [];
    while (this.order.least() <= nowMs) {
      const name = this.order.pop()!;
      due.push(this.tasks.get(name)!);
      this.tasks.delete(name);
    }
    for (const task of due) task();
  }
}
