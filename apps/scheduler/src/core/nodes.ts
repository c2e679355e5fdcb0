// All nodes, and the orders in which they are asked for: by free memory, by what they could free.
//
// Every change of a node's memory, slots or health is followed by `changed`; the node is put where it belongs before an order is next
// read, once for all that changed until then, so nobody ever sees a stale order. Nodes that offer the same kinds share one set of
// orders; a cluster has few such sets, so choosing costs O(log nodes).
import type { Random } from '#clock';
import type { Worklist } from '#collections';
import { HashRing } from './hash-ring';
import { Node } from './node';
import { Offer } from './offer';
import type { Placement, Wanted } from './placement';
import type { SortedList } from './sorted-list';

const last = <T>(items: readonly T[]): T | undefined => items[items.length - 1];

export class Nodes {
  readonly byId = new Map<string, Node>();
  private readonly offers = new Map<string, Offer>();
  /** By kind; made when a policy first asks for one. */
  private readonly rings = new Map<string, HashRing<Node>>();
  /** Changed since the orders were last read. */
  private moved: Node[] = [];

  constructor(
    private readonly placement: Placement,
    private readonly random: Random,
    private readonly askInventory: (node: Node) => void,
    private readonly unsettled: Worklist<Node>,
  ) {}

  /** The node of that id; a new one has no memory and no kinds until its heartbeat says so. */
  meet(id: string): Node {
    let node = this.byId.get(id);
    if (!node) {
      node = new Node(id);
      this.byId.set(id, node);
    }
    return node;
  }

  forget(node: Node): void {
    node.offer?.drop(node);
    node.offer = undefined;
    node.isPlaceable = false;
    if (node.isMoved) this.moved = this.moved.filter((moved) => moved !== node);
    for (const kind of node.kinds) this.rings.get(kind)?.delete(node);
    this.byId.delete(node.id);
  }

  setKinds(node: Node, kinds: readonly string[]): void {
    // As nearly every heartbeat says.
    const { kindsHeard } = node;
    if (kinds.length > 0 && kinds.length === kindsHeard.length && kinds.every((kind, at) => kind === kindsHeard[at]))
      return;
    node.kindsHeard = kinds;
    const name = [...kinds].sort().join(' ');
    const offer = this.offers.get(name) ?? new Offer(new Set(kinds));
    if (node.offer === offer) return;
    this.offers.set(name, offer);
    node.offer?.drop(node);
    node.offer = offer;
    for (const kind of node.kinds) if (!offer.kinds.has(kind)) this.rings.get(kind)?.delete(node);
    for (const kind of offer.kinds) if (!node.kinds.has(kind)) this.rings.get(kind)?.add(node);
    node.kinds = offer.kinds;
    this.changed(node);
    this.unsettled.add(node);
  }

  /** What we believe about it was wrong: it gets nothing new before it has said again what it has. */
  needInventory(node: Node): void {
    if (!node.hasInventory) return;
    node.hasInventory = false;
    this.changed(node);
    this.askInventory(node);
  }

  /** Whatever its place depends on may be different now. */
  changed(node: Node): void {
    if (!node.offer) return;
    node.isPlaceable = node.isUsable;
    if (node.isMoved) return;
    node.isMoved = true;
    this.moved.push(node);
  }

  /** The offers, with every node where it belongs now. */
  private get settled(): Iterable<Offer> {
    if (this.moved.length > 0) {
      for (const node of this.moved) {
        node.isMoved = false;
        node.offer?.put(node);
      }
      this.moved = [];
    }
    return this.offers.values();
  }

  /** Where to create, by the placement policy. */
  place(wanted: Wanted & { readonly kind: string }): Node | undefined {
    const lists: (readonly Node[])[] = [];
    for (const { kinds, open } of this.settled) if (kinds.has(wanted.kind)) lists.push(open.items);
    return this.placement({ lists, ring: () => this.ring(wanted.kind) }, wanted, this.random);
  }

  private ring(kind: string): HashRing<Node> {
    const known = this.rings.get(kind);
    if (known) return known;
    const ring = new HashRing([...this.byId.values()].filter(({ kinds }) => kinds.has(kind)));
    this.rings.set(kind, ring);
    return ring;
  }

  /** Whether memory is left somewhere, if only there were a creation slot. */
  hasRoom(kind: string, memoryMb: number): boolean {
    const has = ({ items }: SortedList<Node>): boolean => (last(items)?.freeMb ?? 0) >= memoryMb;
    return this.some(kind, ({ open, closed }) => has(open) || has(closed));
  }

  /** The nodes that could make the most room, best first; looked at one after the other, since the first most often does. */
  *withPotential(kind: string, memoryMb: number, count: number): Generator<Node> {
    const lists: (readonly Node[])[] = [];
    for (const { kinds, potential } of this.settled) if (kinds.has(kind)) lists.push(potential.items);
    const taken = lists.map(() => 0);
    for (let found = 0; found < count; found += 1) {
      let best: Node | undefined;
      let from = -1;
      for (const [at, items] of lists.entries()) {
        const next = items[items.length - 1 - taken[at]!];
        if (next && (!best || next.potentialMb > best.potentialMb)) [best, from] = [next, at];
      }
      if (!best || best.potentialMb < memoryMb) return;
      taken[from]! += 1;
      yield best;
    }
  }

  /** Usable nodes, those that could make the most room first. */
  usable(kind: string, count: number): Node[] {
    return [...this.withPotential(kind, -Infinity, count)];
  }

  hasUsable(kind?: string): boolean {
    return this.some(kind, ({ potential }) => potential.items.length > 0);
  }

  private some(kind: string | undefined, test: (offer: Offer) => boolean): boolean {
    for (const offer of this.settled) {
      if ((kind === undefined || offer.kinds.has(kind)) && test(offer)) return true;
    }
    return false;
  }
}
