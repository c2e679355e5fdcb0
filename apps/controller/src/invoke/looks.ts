// When to look at each of many things again, the earliest first. Pure; time is an argument.
//
// Guarantee: asking for what is due costs nothing for what is not, and a change costs O(log n). A thing has one time at most; a time that was changed
// stays in the heap until it comes up or until most of the heap is of that kind.

interface Look<Item> {
  readonly at: number;
  readonly order: number;
  readonly item: Item;
}

function isBefore(one: Look<unknown>, other: Look<unknown>): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Below this it is not worth tidying up. */
const smallCount = 64;

export class Looks<Item> {
  private readonly times = new Map<Item, number>();
  private heap: Look<Item>[] = [];
  private orders = 0;

  /** In place of its time before, if it had one. */
  set(item: Item, at: number): void {
    if (this.times.get(item) === at) return;
    this.times.set(item, at);
    if (this.heap.length > smallCount && this.heap.length > 4 * this.times.size) this.tidy();
    else this.push(item, at);
  }

  /** Its time, if it has one. */
  at(item: Item): number | undefined {
    return this.times.get(item);
  }

  delete(item: Item): void {
    this.times.delete(item);
  }

  clear(): void {
    this.times.clear();
    this.heap = [];
  }

  /** Takes out everything whose time has come, earliest first, and in the order in which they were set. */
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
    for (const [item, at] of this.times) this.push(item, at);
  }

  private push(item: Item, at: number): void {
    const { heap } = this;
    const look = { at, order: ++this.orders, item };
    let place = heap.push(look) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(heap[parent]!, look)) break;
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
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = last;
  }
}
