// A binary min-heap that also knows where each item is: an item is moved or taken out in O(log n), the least is seen in O(1).
//
// The scheduler's orders (least recently used, next deadline, longest waiter) are all this. Equal priorities come in no
// particular order. Each entry keeps its own place, so that sifting, which is most of the work, touches no map.

export interface HeapEntry<T> {
  readonly item: T;
  priority: number;
  /** Where it stands; -1 when it is not in the heap. */
  at: number;
}

/** Without the map: for those who keep the entries of their items themselves. */
export class EntryHeap<T> {
  private readonly entries: HeapEntry<T>[] = [];

  get size(): number {
    return this.entries.length;
  }

  peek(): HeapEntry<T> | undefined {
    return this.entries[0];
  }

  add(item: T, priority: number): HeapEntry<T> {
    const entry = { item, priority, at: this.entries.length };
    this.entries.push(entry);
    this.up(entry);
    return entry;
  }

  /** Moves it, or takes it in again if it was out. */
  put(entry: HeapEntry<T>, priority: number): void {
    if (entry.at < 0) {
      entry.priority = priority;
      entry.at = this.entries.length;
      this.entries.push(entry);
      return this.up(entry);
    }
    const isUp = priority < entry.priority;
    entry.priority = priority;
    if (isUp) this.up(entry);
    else this.down(entry);
  }

  remove(entry: HeapEntry<T>): void {
    const { at } = entry;
    const last = this.entries.pop()!;
    entry.at = -1;
    if (last === entry) return;
    this.entries[at] = last;
    last.at = at;
    if (last.priority < entry.priority) this.up(last);
    else this.down(last);
  }

  /** Moves the entry towards the root; what it passes moves down, and it is written once. */
  private up(entry: HeapEntry<T>): void {
    const { entries } = this;
    let { at } = entry;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = entries[above]!;
      if (parent.priority <= entry.priority) break;
      entries[at] = parent;
      parent.at = at;
      at = above;
    }
    entries[at] = entry;
    entry.at = at;
  }

  private down(entry: HeapEntry<T>): void {
    const { entries } = this;
    const { length } = entries;
    let { at } = entry;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && entries[below + 1]!.priority < entries[below]!.priority) below += 1;
      const child = entries[below]!;
      if (child.priority >= entry.priority) break;
      entries[at] = child;
      child.at = at;
      at = below;
    }
    entries[at] = entry;
    entry.at = at;
  }
}

export class IndexedHeap<T> {
  private readonly heap = new EntryHeap<T>();
  private readonly entries = new Map<T, HeapEntry<T>>();

  get size(): number {
    return this.heap.size;
  }

  has(item: T): boolean {
    return this.entries.has(item);
  }

  peek(): T | undefined {
    return this.heap.peek()?.item;
  }

  /** Priority of the least item; Infinity when empty. */
  least(): number {
    return this.heap.peek()?.priority ?? Infinity;
  }

  /** Adds the item, or moves it to its new place. */
  set(item: T, priority: number): void {
    const entry = this.entries.get(item);
    if (entry) this.heap.put(entry, priority);
    else this.entries.set(item, this.heap.add(item, priority));
  }

  delete(item: T): boolean {
    const entry = this.entries.get(item);
    if (!entry) return false;
    this.entries.delete(item);
    this.heap.remove(entry);
    return true;
  }

  pop(): T | undefined {
    const least = this.peek();
    if (least !== undefined) this.delete(least);
    return least;
  }
}
