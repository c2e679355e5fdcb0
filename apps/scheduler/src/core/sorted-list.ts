// Items in ascending order of a number, ties by id, found by binary search. For nodes: there are a thousand of them at most, so
// shifting an array costs less than walking a tree, and every placement policy can be a function over a plain sorted array.

export class SortedList<T extends { readonly id: string }> {
  private readonly sorted: T[] = [];
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
    if (old !== undefined) this.sorted.splice(this.position(item.id, old), 1);
    this.keys.delete(item);
    this.sorted.splice(this.position(item.id, key), 0, item);
    this.keys.set(item, key);
  }

  delete(item: T): void {
    const key = this.keys.get(item);
    if (key === undefined) return;
    this.sorted.splice(this.position(item.id, key), 1);
    this.keys.delete(item);
  }

  /** Where (key, id) is or belongs. */
  private position(id: string, key: number): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = this.sorted[middle]!;
      const itemKey = this.keys.get(item)!;
      if (itemKey < key || (itemKey === key && item.id < id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
