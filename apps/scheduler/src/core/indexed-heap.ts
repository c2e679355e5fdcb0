// A binary min-heap that also knows where each item is: an item is moved or taken out in O(log n), the least is seen in O(1).
//
// The scheduler's orders (least recently used, next deadline, longest waiter) are all this. Equal priorities come in no
// particular order.

export class IndexedHeap<T> {
  private readonly items: T[] = [];
  private readonly priorities: number[] = [];
  private readonly positions = new Map<T, number>();

  get size(): number {
    return this.items.length;
  }

  has(item: T): boolean {
    return this.positions.has(item);
  }

  peek(): T | undefined {
    return this.items[0];
  }

  /** Priority of the least item; Infinity when empty. */
  least(): number {
    return this.priorities[0] ?? Infinity;
  }

  /** Adds the item, or moves it to its new place. */
  set(item: T, priority: number): void {
    let at = this.positions.get(item);
    if (at === undefined) {
      at = this.items.length;
      this.items.push(item);
      this.priorities.push(priority);
      this.positions.set(item, at);
    } else {
      this.priorities[at] = priority;
    }
    this.down(this.up(at));
  }

  delete(item: T): boolean {
    const at = this.positions.get(item);
    if (at === undefined) return false;
    const last = this.items.length - 1;
    if (at !== last) this.swap(at, last);
    this.items.pop();
    this.priorities.pop();
    this.positions.delete(item);
    if (at !== last) this.down(this.up(at));
    return true;
  }

  pop(): T | undefined {
    const least = this.items[0];
    if (least !== undefined) this.delete(least);
    return least;
  }

  private up(at: number): number {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.priorities[parent]! <= this.priorities[at]!) break;
      this.swap(at, parent);
      at = parent;
    }
    return at;
  }

  private down(at: number): void {
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.items.length && this.priorities[child]! < this.priorities[least]!) least = child;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(left: number, right: number): void {
    [this.items[left], this.items[right]] = [this.items[right]!, this.items[left]!];
    [this.priorities[left], this.priorities[right]] = [this.priorities[right]!, this.priorities[left]!];
    this.positions.set(this.items[left], left);
    this.positions.set(this.items[right], right);
  }
}
