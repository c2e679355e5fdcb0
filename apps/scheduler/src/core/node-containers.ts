// The containers of one node, each under a small number of its own, and the order in which they could be reclaimed.
//
// What a decision looks at of a node stands in a short array by that number: sifting a heap of container objects would read one object
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

/**
 * What stands in `cells` for each number, beside each other: of a slot, its priority (NaN: it is not in), the one by which it stands in the heap, and where it
 * stands there; of a place in the heap, its slot.
 */
const sortedBy = 1;
const place = 2;
const slotAt = 3;
const width = 4;

/**
 * Slots by priority, the least first, for many changes between two looks: who leaves or comes to stand further back stays where it stood in the heap until it
 * comes up. A container is used and free again many times before its node is asked for one to give way.
 */
export class SlotHeap {
  private readonly cells: number[] = [];
  private count = 0;

  has(slot: number): boolean {
    const priority = this.cells[slot * width];
    return priority !== undefined && !Number.isNaN(priority);
  }

  /** The one with the least priority. */
  peek(): number | undefined {
    const { cells } = this;
    while (this.count > 0) {
      const slot = cells[slotAt]!;
      const priority = cells[slot * width]!;
      if (Number.isNaN(priority)) this.takeFirst();
      else if (priority > cells[slot * width + sortedBy]!) this.sort(slot, priority, 0);
      else return slot;
    }
    return undefined;
  }

  priorityOf(slot: number): number {
    return this.cells[slot * width]!;
  }

  /** Takes it in, or gives it another priority. */
  put(slot: number, priority: number): void {
    const { cells } = this;
    while (cells.length <= slot * width) cells.push(NaN, 0, out, 0);
    cells[slot * width] = priority;
    const at = cells[slot * width + place]!;
    if (at < 0) this.sort(slot, priority, this.count++);
    else if (priority < cells[slot * width + sortedBy]!) this.sort(slot, priority, at);
  }

  /** Harmless when it is not there. */
  remove(slot: number): void {
    if (slot * width < this.cells.length) this.cells[slot * width] = NaN;
  }

  private takeFirst(): void {
    const { cells } = this;
    cells[cells[slotAt]! * width + place] = out;
    this.count -= 1;
    if (this.count === 0) return;
    const last = cells[this.count * width + slotAt]!;
    this.sort(last, cells[last * width + sortedBy]!, 0);
  }

  /** Moves the slot from `from` up or down to where this priority belongs. */
  private sort(slot: number, priority: number, from: number): void {
    const { cells, count } = this;
    cells[slot * width + sortedBy] = priority;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const slotAbove = cells[above * width + slotAt]!;
      if (cells[slotAbove * width + sortedBy]! <= priority) break;
      this.write(slotAbove, at);
      at = above;
    }
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && this.sortedAt(below + 1) < this.sortedAt(below)) below += 1;
      if (this.sortedAt(below) >= priority) break;
      this.write(cells[below * width + slotAt]!, at);
      at = below;
    }
    this.write(slot, at);
  }

  private sortedAt(at: number): number {
    return this.cells[this.cells[at * width + slotAt]! * width + sortedBy]!;
  }

  private write(slot: number, at: number): void {
    this.cells[at * width + slotAt] = slot;
    this.cells[slot * width + place] = at;
  }
}
