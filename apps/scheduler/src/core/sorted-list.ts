// Items in ascending order of a number, found by binary search; of equals, whoever came first is first. For nodes: there are a
// thousand of them at most, so shifting an array costs less than walking a tree, and every placement policy can be a function over a
// plain sorted array.
//
// Most nodes of a full cluster have the same memory left, so searching compares ranks as often as keys; both are read from arrays of
// numbers, and no item is touched.

interface Place {
  key: number;
  /** Of arrival. */
  readonly rank: number;
}

export class SortedList<T> {
  private readonly sorted: T[] = [];
  /** Keys and ranks of `sorted`, beside it. */
  private readonly keys: number[] = [];
  private readonly ranks: number[] = [];
  private readonly places = new Map<T, Place>();
  private arrivals = 0;

  /** Ascending. Valid until the next change. */
  get items(): readonly T[] {
    return this.sorted;
  }

  /** Adds the item, or moves it to its new place. */
  set(item: T, key: number): void {
    const place = this.places.get(item);
    if (!place) return this.insert(item, key);
    if (place.key === key) return;
    const from = this.position(place.key, place.rank);
    const to = this.position(key, place.rank);
    this.shift(from, key > place.key ? to - 1 : to, item, key, place.rank);
    place.key = key;
  }

  delete(item: T): void {
    const place = this.places.get(item);
    if (!place) return;
    const at = this.position(place.key, place.rank);
    for (const list of [this.sorted, this.keys, this.ranks]) list.splice(at, 1);
    this.places.delete(item);
  }

  private insert(item: T, key: number): void {
    this.arrivals += 1;
    const rank = this.arrivals;
    const at = this.position(key, rank);
    this.sorted.splice(at, 0, item);
    this.keys.splice(at, 0, key);
    this.ranks.splice(at, 0, rank);
    this.places.set(item, { key, rank });
  }

  /** Moves the item from one place to another; what lies between makes way by one. */
  private shift(from: number, to: number, item: T, key: number, rank: number): void {
    const { sorted, keys, ranks } = this;
    const step = from < to ? 1 : -1;
    for (let at = from; at !== to; at += step) {
      sorted[at] = sorted[at + step]!;
      keys[at] = keys[at + step]!;
      ranks[at] = ranks[at + step]!;
    }
    sorted[to] = item;
    keys[to] = key;
    ranks[to] = rank;
  }

  /** Where (key, rank) is or belongs. */
  private position(key: number, rank: number): number {
    const { keys, ranks } = this;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = keys[middle]!;
      if (other < key || (other === key && ranks[middle]! < rank)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
