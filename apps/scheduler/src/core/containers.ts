// All containers, and every index over them. The only place that changes a container's state.
//
// Guarantees: a container is in exactly the indexes that its state says; its memory is part of its node's usedMb from `add` to
// `forget`, whatever happens in between; each has at most one owner. Every change costs O(log n).
import { parseActionKey } from '#entity';
import { type Container, type ContainerState, stemKey } from './container';
import type { Demand } from './demand';
import type { Namespaces } from './namespaces';
import type { Node } from './node';
import type { Nodes } from './nodes';
import type { ReclaimOrder } from './reclaim';
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

interface ActionAndRevision {
  /** Namespace and name, without the revision. */
  readonly action: string;
  readonly revision: number;
}

function actionOf(actionKey: string): ActionAndRevision {
  const parts = parseActionKey(actionKey);
  if (!parts) return { action: actionKey, revision: 0 };
  return { action: `${parts.invocationNamespace}|${parts.fullyQualifiedName}`, revision: parts.revision };
}

/** Up for use by another owner, if asked in the right way. */
function isFree({ state }: Container): boolean {
  return state === 'free' || state === 'suspended';
}

export class Containers {
  readonly byId = new Map<string, Container>();
  private readonly byKey = new SetsBy<string, Container>();
  private readonly keysOfAction = new SetsBy<string, string>();
  private readonly freeByKey = new SetsBy<string, Container>();
  private readonly parkedByKey = new SetsBy<string, Container>();
  private readonly stemCells = new SetsBy<string, Container>();
  private readonly creatingByKey = new Map<string, number>();
  /** Of the keys that have containers. */
  private readonly actions = new Map<string, ActionAndRevision>();

  constructor(
    private readonly nodes: Nodes,
    private readonly namespaces: Namespaces,
    private readonly order: ReclaimOrder,
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
    this.leave(container);
    this.leaveKey(container);
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
    if (change !== undefined || state === 'removing') this.leaveKey(container);
    change?.();
    container.state = state;
    if (state === 'busy' || from === 'busy') container.usedAtClock = container.node.reclaimClock;
    if (state === 'busy' && from !== 'busy') container.uses += 1;
    if (change !== undefined) this.enterKey(container);
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

  ofKey(actionKey: string): ReadonlySet<Container> {
    return this.byKey.get(actionKey);
  }

  creationsOf(actionKey: string): number {
    return this.creatingByKey.get(actionKey) ?? 0;
  }

  /** A free one of this key that another controller owns. */
  movable(demand: Demand): Container | undefined {
    for (const container of this.freeByKey.get(demand.actionKey)) {
      if (container.owner !== demand.session.owner && this.fits(container, demand)) return container;
    }
    return undefined;
  }

  parked(demand: Demand): Container | undefined {
    for (const container of this.parkedByKey.get(demand.actionKey)) if (this.fits(container, demand)) return container;
    return undefined;
  }

  /** A prewarmed one, the oldest first. One that was started for single runs serves no concurrent ones. */
  stemCell({ kind, memoryMb, concurrency, image }: Demand): Container | undefined {
    if (concurrency > 1 || image !== undefined) return undefined;
    const [first] = this.stemCells.get(stemKey(kind, memoryMb));
    return first;
  }

  /** Containers of the same action under lower revisions, which are never asked for again. */
  olderRevisions(actionKey: string): Container[] {
    const { action, revision } = this.actions.get(actionKey) ?? actionOf(actionKey);
    const older: Container[] = [];
    for (const key of this.keysOfAction.get(action)) {
      if (key !== actionKey && this.actions.get(key)!.revision < revision) older.push(...this.byKey.get(key));
    }
    return older;
  }

  private fits(container: Container, { memoryMb, concurrency }: Demand): boolean {
    return container.node.isUsable && container.memoryMb === memoryMb && container.concurrency === concurrency;
  }

  private enterKey(container: Container): void {
    const key = container.note?.actionKey;
    if (key === undefined || container.state === 'removing') return;
    if (!this.byKey.add(key, container)) return;
    const parsed = actionOf(key);
    this.actions.set(key, parsed);
    this.keysOfAction.add(parsed.action, key);
  }

  private leaveKey(container: Container): void {
    const key = container.note?.actionKey;
    if (key === undefined || !this.byKey.delete(key, container)) return;
    this.keysOfAction.delete(this.actions.get(key)!.action, key);
    this.actions.delete(key);
  }

  private enter(container: Container): void {
    const { node, note, state } = container;
    const key = note?.actionKey;
    if (state === 'creating') {
      node.creating += 1;
      if (key !== undefined) this.creatingByKey.set(key, this.creationsOf(key) + 1);
    }
    if (key === undefined && (state === 'creating' || state === 'stem-cell')) {
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
    if (isMovable && key !== undefined && container.isInitialised) this.freeByKey.add(key, container);
    if (state === 'parked' && key !== undefined) this.parkedByKey.add(key, container);
    if (isMovable || state === 'parked' || state === 'stem-cell') {
      const { reclaimEntry } = container;
      if (reclaimEntry) node.reclaimable.put(reclaimEntry, this.order(container));
      else container.reclaimEntry = node.reclaimable.add(container, this.order(container));
      node.reclaimableMb += container.memoryMb;
    }
  }

  private leave(container: Container): void {
    const { node, note, state } = container;
    const key = note?.actionKey;
    const { reclaimEntry, inUseBy } = container;
    container.inUseBy = undefined;
    if (inUseBy !== undefined) this.namespaces.giveBack(inUseBy);
    if (reclaimEntry && reclaimEntry.at >= 0) {
      node.reclaimable.remove(reclaimEntry);
      node.reclaimableMb -= container.memoryMb;
    }
    if (key !== undefined && isFree(container)) this.freeByKey.delete(key, container);
    if (key !== undefined && state === 'parked') this.parkedByKey.delete(key, container);
    if (state === 'creating') {
      node.creating -= 1;
      if (key !== undefined) this.countCreation(key);
    }
    if (state === 'creating' || state === 'stem-cell') this.leaveStemCells(container);
  }

  private leaveStemCells(container: Container): void {
    const { node } = container;
    const name = stemKey(container.kind, container.memoryMb);
    const cells = node.stemCells.get(name);
    if (cells?.delete(container) && cells.size === 0) node.stemCells.delete(name);
    this.stemCells.delete(name, container);
  }

  private countCreation(actionKey: string): void {
    const left = this.creationsOf(actionKey) - 1;
    if (left > 0) this.creatingByKey.set(actionKey, left);
    else this.creatingByKey.delete(actionKey);
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
