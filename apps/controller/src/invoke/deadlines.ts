// Deadlines of many items that mostly wait equally long. Pure; time is an argument.
//
// Guarantee: adding, removing and expiring cost constant time for each item, and nothing for a timer each: items with the same duration
// expire in the order in which they came, so only the first of each duration is ever looked at.

export class Deadlines<Item> {
  private readonly lists = new Map<number, Map<Item, number>>();

  get size(): number {
    let size = 0;
    for (const list of this.lists.values()) size += list.size;
    return size;
  }

  /** `durationMs` from now. An item may stand here once. */
  add(item: Item, durationMs: number, now: number): void {
    let list = this.lists.get(durationMs);
    if (!list) this.lists.set(durationMs, (list = new Map<Item, number>()));
    list.set(item, now + durationMs);
  }

  /** Needs the duration with which it was added. */
  remove(item: Item, durationMs: number): void {
    const list = this.lists.get(durationMs);
    if (!list?.delete(item)) return;
    if (list.size === 0) this.lists.delete(durationMs);
  }

  /** Takes out everything whose time has come. */
  expire(now: number): Item[] {
    const expired: Item[] = [];
    for (const [durationMs, list] of this.lists) {
      for (const [item, at] of list) {
        if (at > now) break;
        expired.push(item);
        list.delete(item);
      }
      if (list.size === 0) this.lists.delete(durationMs);
    }
    return expired;
  }
}
