// All containers, and every index over them. The only place that changes a container's state.
//
// Guarantees: a container is in exactly the indexes that its state says; its memory is part of its node's usedMb from `add` to
// `forget`, whatever happens in between; each has at most one owner. Every change costs O(log n).
import type { ActionKeys } from './action-keys';
import { type Container, type ContainerState, stemKey } from './container';
import type { Demand } from './demand';
import type { Namespaces } from './namespaces';
import type { Node } from './node';
import type { Nodes } from './nodes';
import type { ReclaimOrder } from './reclaim';
import type { Reuse } from './reuse';
import type { Owner } from './session';

/** Sets by key that vanish when they are empty. */
class SetsBy<K, T> {
  private readonly sets = new Map<K, Set<T>>();

  /** Whether it is the first of its key. */
  add(key: K, item: T): boolean {
    const set = this.sets.get(key);
    if (set) set.add(item);
    else this.sets.set(key, new Set([item]));
    return set === undefined;
  }

  /** Whether it was the last of its key. */
  delete(key: K, item: T): boolean {
    const set = this.sets.get(key);
    if (!set?.delete(item) || set.size > 0) return false;
    return this.sets.delete(key);
  }

  get(key: K): ReadonlySet<T> {
    return this.sets.get(key) ?? none;
  }
}
const none: ReadonlySet<never> = new Set<never>();

/** Up for use by another owner, if asked in the right way. */
function isFree({ state }: Container): boolean {
  return state === 'free' || state === 'suspended';
}

export class Containers {
  readonly byId = new Map<string, Container>();
  /** Free and parked ones, by shelf: the one that came first has been there for the longest time. */
  private readonly used = new SetsBy<string, Container>();
  private readonly stemCells = new SetsBy<string, Container>();

  constructor(
    private readonly nodes: Nodes,
    private readonly namespaces: Namespaces,
    private readonly keys: ActionKeys,
    private readonly order: ReclaimOrder,
    private readonly reuse: Reuse,
    private readonly changed: (container: Container, from: ContainerState, why: string) => void,
    private readonly forgotten: (container: Container) => void,
  ) {}

  add(container: Container): void {
    this.byId.set(container.id, container);
    container.node.containers.add(container);
    container.node.usedMb += container.memoryMb;
    this.enterKey(container);
    this.enter(container);
    this.nodes.changed(container.node);
  }

  /** Only on its agent's word. Its memory is free now. */
  forget(container: Container): void {
    const { keyUse } = container;
    this.leave(container);
    this.leaveKey(container);
    if (keyUse) this.keys.forgetIfUnused(keyUse);
    this.disown(container);
    this.byId.delete(container.id);
    container.node.containers.delete(container);
    container.node.usedMb -= container.memoryMb;
    this.nodes.changed(container.node);
    this.forgotten(container);
  }

  /** Moves it to another state; `change` sets what the new state goes with (note, owner, last use). */
  become(container: Container, state: ContainerState, why: string, change?: () => void): void {
    const from = container.state;
    this.leave(container);
    const { keyUse } = container;
    if (change !== undefined || state === 'removing') this.leaveKey(container);
    change?.();
    container.state = state;
    if (state === 'busy' || from === 'busy') container.usedAtClock = container.node.reclaimClock;
    if (state === 'busy' && from !== 'busy') container.uses += 1;
    if (change !== undefined) this.enterKey(container);
    if (keyUse && keyUse !== container.keyUse) this.keys.forgetIfUnused(keyUse);
    this.enter(container);
    this.nodes.changed(container.node);
    if (from !== state) this.changed(container, from, why);
  }

  /** Puts it where it belongs after its owner, its node's health or its last use changed. */
  refresh(container: Container): void {
    this.leave(container);
    this.enter(container);
    this.nodes.changed(container.node);
  }

  setOwner(container: Container, owner: Owner): void {
    this.disown(container);
    container.owner = owner;
    owner.containers.add(container);
  }

  disown(container: Container): void {
    container.owner?.containers.delete(container);
    container.owner = undefined;
  }

  ofKey(actionKey: string): { readonly size: number } & Iterable<Container> {
    return this.keys.find(actionKey)?.containers ?? none;
  }

  /** A free one of this key that another controller owns. */
  movable(demand: Demand): Container | undefined {
    for (const container of demand.keyUse.free) {
      if (container.owner !== demand.session.owner && this.fits(container, demand)) return container;
    }
    return undefined;
  }

  parked(demand: Demand): Container | undefined {
    for (const container of demand.keyUse.parked) if (this.fits(container, demand)) return container;
    return undefined;
  }

  /** One of another action that may be wiped for this one, the one unused for longest first. */
  reusable(demand: Demand): Container | undefined {
    const shelf = this.reuse.shelfOf(demand, demand.actionKey);
    if (shelf === undefined) return undefined;
    for (const container of this.used.get(shelf)) {
      if (container.node.isUsable && container.node.wipes && container.note!.actionKey !== demand.actionKey)
        return container;
    }
    return undefined;
  }

  /** Whether what it ran and what it is to run are of one shelf. */
  mayReuse(container: Container, actionKey: string): boolean {
    const { note } = container;
    const shelf = note && this.reuse.shelfOf(container, note.actionKey);
    return shelf !== undefined && shelf === this.reuse.shelfOf(container, actionKey);
  }

  /** A prewarmed one, the oldest first. One that was started for single runs serves no concurrent ones. */
  stemCell({ kind, memoryMb, concurrency, image }: Demand): Container | undefined {
    if (concurrency > 1 || image !== undefined) return undefined;
    const [first] = this.stemCells.get(stemKey(kind, memoryMb));
    return first;
  }

  private fits(container: Container, { memoryMb, concurrency }: Demand): boolean {
    return container.node.isUsable && container.memoryMb === memoryMb && container.concurrency === concurrency;
  }

  private enterKey(container: Container): void {
    const key = container.note?.actionKey;
    if (key === undefined || container.state === 'removing') return;
    container.keyUse = this.keys.meet(key);
    container.keyUse.containers.add(container);
  }

  private leaveKey(container: Container): void {
    const { keyUse } = container;
    if (!keyUse) return;
    keyUse.containers.delete(container);
    container.keyUse = undefined;
  }

  private enter(container: Container): void {
    const { node, note, state, keyUse } = container;
    if (state === 'creating') {
      node.creating += 1;
      if (keyUse) keyUse.creating += 1;
    }
    if (!note && (state === 'creating' || state === 'stem-cell')) {
      const name = stemKey(container.kind, container.memoryMb);
      const cells = node.stemCells.get(name);
      if (cells) cells.add(container);
      else node.stemCells.set(name, new Set([container]));
      if (state === 'stem-cell' && node.isUsable) this.stemCells.add(name, container);
    }
    // What nobody is connected for may long be over.
    if (state === 'busy' && note && container.owner?.session) {
      container.inUseBy = note.namespace;
      this.namespaces.take(note.namespace);
    }
    const isMovable = isFree(container) && container.owner?.session !== undefined;
    if (isMovable && container.isInitialised) keyUse?.free.add(container);
    if (state === 'parked') keyUse?.parked.add(container);
    if (isMovable || state === 'parked') this.shelve(container, true);
    if (isMovable || state === 'parked' || state === 'stem-cell') {
      node.reclaimable.put(container.slot, this.order(container));
      node.reclaimableMb += container.memoryMb;
    }
  }

  private leave(container: Container): void {
    const { node, state, keyUse, slot, inUseBy } = container;
    container.inUseBy = undefined;
    if (inUseBy !== undefined) this.namespaces.giveBack(inUseBy);
    if (node.reclaimable.has(slot)) {
      node.reclaimable.remove(slot);
      node.reclaimableMb -= container.memoryMb;
    }
    if (isFree(container)) keyUse?.free.delete(container);
    if (state === 'parked') keyUse?.parked.delete(container);
    if (isFree(container) || state === 'parked') this.shelve(container, false);
    if (state === 'creating') {
      node.creating -= 1;
      if (keyUse) keyUse.creating -= 1;
    }
    if (state === 'creating' || state === 'stem-cell') this.leaveStemCells(container);
  }

  private shelve(container: Container, isThere: boolean): void {
    const shelf = container.note && this.reuse.shelfOf(container, container.note.actionKey);
    if (shelf === undefined) return;
    if (isThere) this.used.add(shelf, container);
    else this.used.delete(shelf, container);
  }

  private leaveStemCells(container: Container): void {
    const { node } = container;
    const name = stemKey(container.kind, container.memoryMb);
    const cells = node.stemCells.get(name);
    if (cells?.delete(container) && cells.size === 0) node.stemCells.delete(name);
    this.stemCells.delete(name, container);
  }

  /** After the node became usable or stopped being so. */
  refreshNode(node: Node): void {
    for (const cells of node.stemCells.values()) {
      for (const container of cells) {
        if (container.state !== 'stem-cell') continue;
        const name = stemKey(container.kind, container.memoryMb);
        if (node.isUsable) this.stemCells.add(name, container);
        else this.stemCells.delete(name, container);
      }
    }
    this.nodes.changed(node);
  }
}
