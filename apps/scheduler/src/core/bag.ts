// A collection without an order, small for nearly everybody: an array that is searched, and a set once it has grown large.
//
// There are tens of thousands of these with a few items each. What counts is how much memory an operation reads: a short array is two
// cache lines, where the tables of a set are spread; searching it costs less than the first of them. Nobody pays for more than `searchedMost`.

/** Above it a set is used, and below half of it an array again. */
const searchedMost = 64;

export class Bag<T> {
  private items: T[] | Set<T> = [];

  get size(): number {
    return Array.isArray(this.items) ? this.items.length : this.items.size;
  }

  /** Not over changes. */
  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  has(item: T): boolean {
    return Array.isArray(this.items) ? this.items.includes(item) : this.items.has(item);
  }

  /** It must not be there yet. */
  add(item: T): void {
    if (!Array.isArray(this.items)) {
      this.items.add(item);
    } else if (this.items.length < searchedMost) {
      this.items.push(item);
    } else {
      this.items = new Set(this.items);
      this.items.add(item);
    }
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const { items } = this;
    if (!Array.isArray(items)) {
      if (!items.delete(item)) return false;
      if (items.size < searchedMost / 2) this.items = [...items];
      return true;
    }
    const at = items.indexOf(item);
    if (at < 0) return false;
    const last = items.pop()!;
    if (at < items.length) items[at] = last;
    return true;
  }
}
