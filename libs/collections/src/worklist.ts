// What has to be looked at again, each thing once, in the order in which it came; empty nearly always, and rarely of more than a few.
//
// Guarantees: adding what stands in it does nothing, wherever it stands; what is added while others are taken comes after all of them; nothing but
// taking one out of the middle of many costs more than a search through `searchedMost`. Not a Set: one that becomes empty leaves its table behind, for a
// new one that V8 makes by a call into its runtime, and each old table holds on to the next.

/** Beyond it, whether a thing stands there is looked up in a set. */
const searchedMost = 32;

export class Worklist<T> {
  /** Taken ones before `head`. */
  private items: (T | undefined)[] = [];
  private head = 0;
  /** Of many. */
  private members: Set<T> | undefined = undefined;

  get size(): number {
    return this.items.length - this.head;
  }

  add(item: T): void {
    if (this.has(item)) return;
    this.items.push(item);
    this.members?.add(item);
    if (this.size > searchedMost) this.members ??= new Set(this.items.slice(this.head) as T[]);
  }

  /** The one that has been there for longest. */
  take(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head += 1;
    this.members?.delete(item!);
    this.tidy();
    return item;
  }

  delete(item: T): void {
    if (!this.has(item)) return;
    this.items.splice(this.items.indexOf(item, this.head), 1);
    this.members?.delete(item);
    this.tidy();
  }

  private has(item: T): boolean {
    return this.members ? this.members.has(item) : this.items.indexOf(item, this.head) >= 0;
  }

  private tidy(): void {
    if (this.size > 0) return;
    // One is taken out as it is put in, most of the time: `pop` keeps the room.
    if (this.items.length === 1) this.items.pop();
    else this.items = [];
    this.head = 0;
    this.members = undefined;
  }
}
