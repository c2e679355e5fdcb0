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

/**
 * Without the map: for those who keep the entries of their items themselves. Priorities stand once more in an array of their own, so
 * that comparing touches no entry: with a hundred thousand of them, each is somewhere else in memory.
 */
export class EntryHeap<T> {
  private readonly entries: HeapEntry<T>[] = [];
  private readonly priorities: number[] = [];

  get size(): number {
    return this.entries.length;
  }

  peek(): HeapEntry<T> | undefined {
    return this.entries[0];
  }

  /** Infinity when empty. */
  get leastPriority(): number {
    return this.priorities[0] ?? Infinity;
  }

  add(item: T, priority: number): HeapEntry<T> {
    const entry = { item, priority, at: -1 };
    this.put(entry, priority);
    return entry;
  }

  /** Moves it, or takes it in again if it was out. */
  put(entry: HeapEntry<T>, priority: number): void {
    const { at, priority: before } = entry;
    entry.priority = priority;
    if (at < 0) {
      this.entries.push(entry);
      this.priorities.push(priority);
      this.up(entry, this.entries.length - 1);
    } else if (priority < before) this.up(entry, at);
    else this.down(entry, at);
  }

  remove(entry: HeapEntry<T>): void {
    const { at, priority } = entry;
    const last = this.entries.pop()!;
    this.priorities.pop();
    entry.at = -1;
    if (last === entry) return;
    if (last.priority < priority) this.up(last, at);
    else this.down(last, at);
  }

  /** From `at` towards the root; what it passes moves down, and it is written once. */
  private up(entry: HeapEntry<T>, from: number): void {
    const { entries, priorities } = this;
    const { priority } = entry;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (priorities[above]! <= priority) break;
      this.write(entries[above]!, priorities[above]!, at);
      at = above;
    }
    this.write(entry, priority, at);
  }

  private down(entry: HeapEntry<T>, from: number): void {
    const { entries, priorities } = this;
    const { priority } = entry;
    const { length } = entries;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && priorities[below + 1]! < priorities[below]!) below += 1;
      if (priorities[below]! >= priority) break;
      this.write(entries[below]!, priorities[below]!, at);
      at = below;
    }
    this.write(entry, priority, at);
  }

  private write(entry: HeapEntry<T>, priority: number, at: number): void {
    this.entries[at] = entry;
    this.priorities[at] = priority;
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
    return this.heap.leastPriority;
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
