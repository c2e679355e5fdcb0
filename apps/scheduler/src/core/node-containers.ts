// The containers of one node, each under a small number of its own, and the order in which they could be reclaimed.
//
// What a decision looks at of a node stands in a few short arrays by that number: sifting a heap of container objects would read one object
// from somewhere in memory for each step.
import type { Container } from './container';

export class NodeContainers {
  private readonly bySlot: (Container | undefined)[] = [];
  private readonly freeSlots: number[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Those that come or go meanwhile may be missed. */
  *[Symbol.iterator](): Generator<Container> {
    for (const container of this.bySlot) if (container) yield container;
  }

  at(slot: number): Container {
    return this.bySlot[slot]!;
  }

  has(container: Container): boolean {
    return this.bySlot[container.slot] === container;
  }

  /** Gives it its number. */
  add(container: Container): void {
    container.slot = this.freeSlots.pop() ?? this.bySlot.length;
    this.bySlot[container.slot] = container;
    this.count += 1;
  }

  delete(container: Container): void {
    if (!this.has(container)) return;
    this.bySlot[container.slot] = undefined;
    this.freeSlots.push(container.slot);
    this.count -= 1;
  }
}

const out = -1;

/** A binary min-heap of slots. */
export class SlotHeap {
  private readonly slots: number[] = [];
  /** By slot. */
  private readonly priorities: number[] = [];
  /** By slot: where it stands in `slots`. */
  private readonly places: number[] = [];

  has(slot: number): boolean {
    return (this.places[slot] ?? out) >= 0;
  }

  peek(): number | undefined {
    return this.slots[0];
  }

  priorityOf(slot: number): number {
    return this.priorities[slot]!;
  }

  /** Takes it in, or moves it to where it belongs. */
  put(slot: number, priority: number): void {
    while (this.places.length <= slot) {
      this.places.push(out);
      this.priorities.push(0);
    }
    this.priorities[slot] = priority;
    let at = this.places[slot]!;
    if (at < 0) {
      at = this.slots.length;
      this.slots.push(slot);
    }
    this.settle(slot, at);
  }

  /** Harmless when it is not there. */
  remove(slot: number): void {
    const at = this.places[slot] ?? out;
    if (at < 0) return;
    this.places[slot] = out;
    const last = this.slots.pop()!;
    if (last !== slot) this.settle(last, at);
  }

  /** Moves the slot from `from` up or down to where its priority belongs. */
  private settle(slot: number, from: number): void {
    const { slots, priorities } = this;
    const priority = priorities[slot]!;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (priorities[slots[above]!]! <= priority) break;
      this.write(slots[above]!, at);
      at = above;
    }
    for (;;) {
      let below = 2 * at + 1;
      if (below >= slots.length) break;
      if (below + 1 < slots.length && priorities[slots[below + 1]!]! < priorities[slots[below]!]!) below += 1;
      if (priorities[slots[below]!]! >= priority) break;
      this.write(slots[below]!, at);
      at = below;
    }
    this.write(slot, at);
  }

  private write(slot: number, at: number): void {
    this.slots[at] = slot;
    this.places[slot] = at;
  }
}
