// When to look at each of many things again, the earliest first. Pure; time is an argument.
//
// Guarantee: asking for what is due costs nothing for what is not, and a change costs O(log n). A thing has one time at most; a time that was changed
// stays in the heap until it comes up or until most of the heap is of that kind.

interface Look<Item> {
  readonly at: number;
  readonly item: Item;
}

/** Below this it is not worth tidying up. */
const smallCount = 64;

export class Looks<Item> {
  private readonly times = new Map<Item, number>();
  private heap: Look<Item>[] = [];

  /** In place of its time before, if it had one. */
  set(item: Item, at: number): void {
    if (this.times.get(item) === at) return;
    this.times.set(item, at);
    if (this.heap.length > smallCount && this.heap.length > 4 * this.times.size) this.tidy();
    else this.push({ at, item });
  }

  delete(item: Item): void {
    this.times.delete(item);
  }

  /** Takes out everything whose time has come, earliest first. */
  due(now: number): Item[] {
    const due: Item[] = [];
    for (let first = this.heap[0]; first && first.at <= now; first = this.heap[0]) {
      this.pop();
      if (this.times.get(first.item) !== first.at) continue;
      this.times.delete(first.item);
      due.push(first.item);
    }
    return due;
  }

  private tidy(): void {
    this.heap = [];
    for (const [item, at] of this.times) this.push({ at, item });
  }

  private push(look: Look<Item>): void {
    const { heap } = this;
    let place = heap.push(look) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]!.at <= look.at) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = look;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
      if (last.at <= heap[child]!.at) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
  }
}
