// A collection without an order, small for nearly everybody: nothing, an array that is searched, and a set once it has grown large.
//
// There are tens of thousands of these with a few items each. What counts is how much memory an operation reads: a short array is two
// cache lines, where the tables of a set are spread; searching it costs less than the first of them. Nobody pays for more than `searchedMost`.
// An array that gets its first items by `push` has room for seventeen: here one of one item has room for one.

/** Above it a set is used, and below half of it an array again. */
const searchedMost = 64;

export class Bag<T> {
  private items: T[] | Set<T> | undefined = undefined;

  get size(): number {
    const { items } = this;
    if (!items) return 0;
    return Array.isArray(items) ? items.length : items.size;
  }

  /** Not over changes. */
  [Symbol.iterator](): Iterator<T> {
    return (this.items ?? [])[Symbol.iterator]();
  }

  has(item: T): boolean {
    const { items } = this;
    if (!items) return false;
    return Array.isArray(items) ? items.includes(item) : items.has(item);
  }

  /** It must not be there yet. */
  add(item: T): void {
    const { items } = this;
    if (!items) {
      this.items = [item];
    } else if (!Array.isArray(items)) {
      items.add(item);
    } else if (items.length < searchedMost) {
      items.push(item);
    } else {
      this.items = new Set(items);
      this.items.add(item);
    }
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const { items } = this;
    if (!items) return false;
    if (!Array.isArray(items)) {
      if (!items.delete(item)) return false;
      if (items.size < searchedMost / 2) this.items = [...items];
      return true;
    }
    const at = items.indexOf(item);
    if (at < 0) return false;
    const last = items.pop()!;
    if (at < items.length) items[at] = last;
    else if (at === 0) this.items = undefined;
    return true;
  }
}
