// Virtual time: what happens next, in order. Two things at the same time happen in the order in which they were asked for, so the same
// seed gives the same run. Nothing here reads a clock or a random number.

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

function isBefore(left: Entry, right: Entry): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

export class EventQueue {
  now = 0;
  private readonly heap: Entry[] = [];
  private orders = 0;

  /** Times that have passed count as now. */
  at(ms: number, act: () => void): void {
    const entry = { at: Math.max(this.now, ms), order: ++this.orders, act };
    const { heap } = this;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  /** When the next thing happens; Infinity if nothing does. */
  get nextAt(): number {
    return this.heap[0]?.at ?? Infinity;
  }

  /** Does the next thing. */
  step(): void {
    const first = this.heap[0];
    if (!first) return;
    this.removeFirst();
    this.now = first.at;
    first.act();
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
  }
}
