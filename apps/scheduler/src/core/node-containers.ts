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

/** What stands in `cells` for each number, beside each other: of a slot, its priority and where it stands in the heap; of a place in the heap, its slot. */
const place = 1;
const slotAt = 2;
const width = 3;

/** A binary min-heap of slots. In one array: reading a few from different places of memory is most of what it costs. */
export class SlotHeap {
  private readonly cells: number[] = [];
  private count = 0;

  has(slot: number): boolean {
    return (this.cells[slot * width + place] ?? out) >= 0;
  }

  peek(): number | undefined {
    return this.count === 0 ? undefined : this.cells[slotAt];
  }

  priorityOf(slot: number): number {
    return this.cells[slot * width]!;
  }

  /** Takes it in, or moves it to where it belongs. */
  put(slot: number, priority: number): void {
    const { cells } = this;
    while (cells.length <= slot * width) cells.push(0, out, 0);
    cells[slot * width] = priority;
    let at = cells[slot * width + place]!;
    if (at < 0) {
      at = this.count;
      this.count += 1;
    }
    this.settle(slot, at);
  }

  /** Harmless when it is not there. */
  remove(slot: number): void {
    const { cells } = this;
    const at = cells[slot * width + place] ?? out;
    if (at < 0) return;
    cells[slot * width + place] = out;
    this.count -= 1;
    const last = cells[this.count * width + slotAt]!;
    if (last !== slot) this.settle(last, at);
  }

  /** Moves the slot from `from` up or down to where its priority belongs. */
  private settle(slot: number, from: number): void {
    const { cells, count } = this;
    const priority = cells[slot * width]!;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const slotAbove = cells[above * width + slotAt]!;
      if (cells[slotAbove * width]! <= priority) break;
      this.write(slotAbove, at);
      at = above;
    }
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && this.priorityAt(below + 1) < this.priorityAt(below)) below += 1;
      if (this.priorityAt(below) >= priority) break;
      this.write(cells[below * width + slotAt]!, at);
      at = below;
    }
    this.write(slot, at);
  }

  private priorityAt(at: number): number {
    return this.cells[this.cells[at * width + slotAt]! * width]!;
  }

  private write(slot: number, at: number): void {
    this.cells[at * width + slotAt] = slot;
    this.cells[slot * width + place] = at;
  }
}
