// Virtual time: what happens next, in order. Two things at the same time happen in the order in which they were asked for, so the same
// seed gives the same run. Nothing here reads a clock or a random number.
//
// A heap in arrays of numbers: with ten thousands of things to come, a heap of objects would read some from anywhere in memory for each step. Each place has
// four below it, which stand beside each other: half as many steps as with two, for as much memory each.
// What is to be done stands apart and stays where it is while its place in the heap changes.

const firstRoom = 1_024;

export class EventQueue {
  now = 0;
  private times = new Float64Array(firstRoom);
  private orders = new Float64Array(firstRoom);
  /** By place in the heap: where in `acts`. */
  private slots = new Int32Array(firstRoom);
  private readonly acts: ((() => void) | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private length = 0;
  private lastOrder = 0;

  /** Times that have passed count as now. */
  at(ms: number, act: () => void): void {
    const at = Math.max(this.now, ms);
    const order = ++this.lastOrder;
    const slot = this.freeSlots.pop() ?? this.acts.length;
    this.acts[slot] = act;
    if (this.length === this.times.length) this.grow();
    const { times } = this;
    let place = this.length++;
    // It came last, so it is before its parent only if it is due before.
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (times[parent]! <= at) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, at, order, slot);
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  /** When the next thing happens; Infinity if nothing does. */
  get nextAt(): number {
    return this.length === 0 ? Infinity : this.times[0]!;
  }

  /** Does the next thing. */
  step(): void {
    if (this.length === 0) return;
    const slot = this.slots[0]!;
    this.now = this.times[0]!;
    this.removeFirst();
    const act = this.acts[slot]!;
    this.acts[slot] = undefined;
    this.freeSlots.push(slot);
    act();
  }

  private removeFirst(): void {
    const { times, orders } = this;
    const length = (this.length -= 1);
    if (length === 0) return;
    const at = times[length]!;
    const order = orders[length]!;
    let place = 0;
    for (;;) {
      const first = 4 * place + 1;
      if (first >= length) break;
      const end = Math.min(first + 4, length);
      let child = first;
      for (let other = first + 1; other < end; other += 1) {
        if (this.isBefore(other, times[child]!, orders[child]!)) child = other;
      }
      if (!this.isBefore(child, at, order)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, at, order, this.slots[length]!);
  }

  private isBefore(place: number, at: number, order: number): boolean {
    const time = this.times[place]!;
    return time < at || (time === at && this.orders[place]! < order);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from]!, this.orders[from]!, this.slots[from]!);
  }

  private put(place: number, at: number, order: number, slot: number): void {
    this.times[place] = at;
    this.orders[place] = order;
    this.slots[place] = slot;
  }

  private grow(): void {
    const room = 2 * this.length;
    const [times, orders, slots] = [new Float64Array(room), new Float64Array(room), new Int32Array(room)];
    times.set(this.times);
    orders.set(this.orders);
    slots.set(this.slots);
    [this.times, this.orders, this.slots] = [times, orders, slots];
  }
}
