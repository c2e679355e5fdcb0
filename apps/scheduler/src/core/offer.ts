// The orders of the nodes that offer the same kinds.
//
// A node is asked to be put where it belongs after each of its heartbeats, which mostly say nothing new: that costs a look at the node, no more.
import type { Node } from './node';
import { SortedList } from './sorted-list';

export class Offer {
  /** By free memory: may get something new now. */
  readonly open = new SortedList<Node>();
  /** By free memory: may get something new once it has a creation slot. */
  readonly closed = new SortedList<Node>();
  /** By what could be had: all of both. */
  readonly potential = new SortedList<Node>();

  constructor(readonly kinds: ReadonlySet<string>) {}

  put(node: Node): void {
    if (!node.isUsable) return this.drop(node);
    const { freeMb, potentialMb, hasSlot } = node;
    if (freeMb !== node.placedFreeMb || hasSlot !== node.placedWithSlot) {
      (hasSlot ? this.closed : this.open).delete(node);
      (hasSlot ? this.open : this.closed).set(node, freeMb);
    }
    if (potentialMb !== node.placedPotentialMb) this.potential.set(node, potentialMb);
    node.placedFreeMb = freeMb;
    node.placedPotentialMb = potentialMb;
    node.placedWithSlot = hasSlot;
  }

  drop(node: Node): void {
    if (Number.isNaN(node.placedFreeMb)) return;
    for (const order of [this.open, this.closed, this.potential]) order.delete(node);
    node.placedFreeMb = node.placedPotentialMb = NaN;
  }
}
