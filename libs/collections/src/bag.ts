// A collection without an order, small for nearly everybody: nothing, one item, an array that is searched, and a set once it has grown large.
//
// There are tens of thousands of these with an item or a few. What counts is how much memory an operation reads and a collection of garbage copies: one
// item stands in the bag itself, a short array is two cache lines, where the tables of a set are spread; searching it costs less than the first of them.
// Nobody pays for more than `searchedMost`.

/** Above it a set is used, and below half of it an array again. */
const searchedMost = 64;

export class Bag<T extends object | string | number> {
  /** The only one, if there are no more. */
  private one: T | undefined = undefined;
  /** Two or more; an array may be left with one or none. */
  private many: T[] | Set<T> | undefined = undefined;

  get size(): number {
    const { many } = this;
    if (!many) return this.one === undefined ? 0 : 1;
    return Array.isArray(many) ? many.length : many.size;
  }

  /** Not over changes. */
  [Symbol.iterator](): Iterator<T> {
    const { one, many } = this;
    return (many ?? (one === undefined ? [] : [one]))[Symbol.iterator]();
  }

  has(item: T): boolean {
    const { many } = this;
    if (!many) return this.one === item;
    return Array.isArray(many) ? many.includes(item) : many.has(item);
  }

  /** It must not be there yet. */
  add(item: T): void {
    const { one, many } = this;
    if (!many) {
      if (one === undefined) {
        this.one = item;
      } else {
        this.many = [one, item];
        this.one = undefined;
      }
    } else if (!Array.isArray(many)) {
      many.add(item);
    } else if (many.length < searchedMost) {
      many.push(item);
    } else {
      this.many = new Set(many);
      this.many.add(item);
    }
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const { many } = this;
    if (!many) {
      if (this.one !== item) return false;
      this.one = undefined;
      return true;
    }
    if (!Array.isArray(many)) {
      if (!many.delete(item)) return false;
      if (many.size < searchedMost / 2) this.many = [...many];
      return true;
    }
    const at = many.indexOf(item);
    if (at < 0) return false;
    const last = many.pop()!;
    if (at < many.length) many[at] = last;
    // Kept until it is empty: whoever had two has often two again.
    if (many.length === 0) this.many = undefined;
    return true;
  }
}
