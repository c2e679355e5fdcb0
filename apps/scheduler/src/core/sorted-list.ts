// Items in ascending order of a number, ties by id, found by binary search. For nodes: there are a thousand of them at most, so
// shifting an array costs less than walking a tree, and every placement policy can be a function over a plain sorted array.

export class SortedList<T extends { readonly id: string }> {
  private readonly sorted: T[] = [];
  /** The numbers of `sorted`, beside it: searching reads an array of numbers and no item. */
  private readonly numbers: number[] = [];
  private readonly keys = new Map<T, number>();

  /** Ascending. Valid until the next change. */
  get items(): readonly T[] {
    return this.sorted;
  }

  has(item: T): boolean {
    return this.keys.has(item);
  }

  /** Adds the item, or moves it to its new place. */
  set(item: T, key: number): void {
    const old = this.keys.get(item);
    if (old === key) return;
    this.keys.set(item, key);
    if (old === undefined) return this.insert(item, key, this.position(item.id, key));
    const from = this.position(item.id, old);
    const to = this.position(item.id, key);
    this.shift(from, key > old ? to - 1 : to, item, key);
  }

  delete(item: T): void {
    const key = this.keys.get(item);
    if (key === undefined) return;
    const at = this.position(item.id, key);
    this.sorted.splice(at, 1);
    this.numbers.splice(at, 1);
    this.keys.delete(item);
  }

  private insert(item: T, key: number, at: number): void {
    this.sorted.splice(at, 0, item);
    this.numbers.splice(at, 0, key);
  }

  /** Moves the item from one place to another; what lies between makes way by one. */
  private shift(from: number, to: number, item: T, key: number): void {
    const { sorted, numbers } = this;
    const step = from < to ? 1 : -1;
    for (let at = from; at !== to; at += step) {
      sorted[at] = sorted[at + step]!;
      numbers[at] = numbers[at + step]!;
    }
    sorted[to] = item;
    numbers[to] = key;
  }

  /** Where (key, id) is or belongs. */
  private position(id: string, key: number): number {
    const { numbers } = this;
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const number = numbers[middle]!;
      if (number < key || (number === key && this.sorted[middle]!.id < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
