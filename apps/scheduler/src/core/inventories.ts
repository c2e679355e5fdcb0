// What a node has, by its agent's word. Containers there are adopted, never killed because the leader changed.
//
// Guarantees: a container found with a note is its owner's and counts as busy until claimed; only one that was never bound is a stem
// cell. An answer that was asked for before a creation, a bind or a removal was confirmed does not undo it, nor does one that was asked
// for before an owner's Hello say that this owner is gone. Every node is asked again now and then, so that what a late command left
// behind there is found.
import type { AgentContainer, Inventory } from '#protocol';
import type { Claims } from './claims';
import { Container, type ContainerState } from './container';
import type { Containers } from './containers';
import type { Context } from './context';
import type { AgentFailure } from './effects';
import type { Grants } from './grants';
import type { Node } from './node';
import type { Nodes } from './nodes';
import { tell } from './outbox';
import type { Owners } from './owners';
import type { Removals } from './removals';
import type { Session } from './session';

function stateOf({ note, state }: AgentContainer): ContainerState {
  if (note) return 'unclaimed';
  if (state === 'running') return 'stem-cell';
  return state === 'creating' ? 'creating' : 'unclaimed';
}

export class Inventories {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly owners: Owners,
    private readonly grants: Grants,
    private readonly removals: Removals,
    private readonly claims: Claims,
    private readonly sessions: { readonly open: Iterable<Session> },
  ) {}

  ask(node: Node): void {
    if (node.isAsked || node.state === 'gone') return;
    node.isAsked = true;
    node.askedAt = this.context.sequence;
    node.removedSince.clear();
    this.context.effects.push({ kind: 'inventory', agent: node.address, askedAt: node.askedAt });
  }

  askLater(node: Node, waitMs = this.context.limits.inventoryRetryMs): void {
    this.context.timers.set(`inventory ${node.id}`, this.context.nowMs + waitMs, () => this.ask(node));
  }

  failed(nodeId: string, askedAt: number, failure: AgentFailure): void {
    const node = this.nodes.byId.get(nodeId);
    if (!node?.isAsked || node.askedAt !== askedAt) return;
    node.isAsked = false;
    if (failure.code === 'stale-epoch') {
      this.context.effects.push({ kind: 'higher-epoch', epoch: failure.epoch ?? this.context.epoch });
    }
    this.context.event('node', nodeId, `gave no inventory (${failure.code}: ${failure.text})`);
    this.askLater(node);
  }

  taken(nodeId: string, askedAt: number, inventory: Inventory): void {
    const node = this.nodes.byId.get(nodeId);
    if (!node?.isAsked || node.askedAt !== askedAt) return;
    node.isAsked = false;
    const isOfNow =
      BigInt(inventory.epoch) === this.context.epoch && BigInt(inventory.incarnation) === node.incarnation;
    if (!isOfNow) return this.askLater(node);
    const listed = new Map(inventory.containers.map((row) => [row.id, row]));
    for (const container of [...node.containers]) this.compare(container, listed.get(container.id));
    for (const row of listed.values()) {
      if (!this.containers.byId.has(row.id) && !node.removedSince.has(row.id)) this.adopt(node, row);
    }
    if (!node.hasInventory) this.context.event('node', node.id, `says what it has (${listed.size} containers)`);
    node.hasInventory = true;
    this.containers.refreshNode(node);
    this.context.unsettledNodes.add(node);
    this.askLater(node, this.context.limits.inventoryRefreshMs);
    for (const { controllerId, incarnation } of inventory.lapsed) {
      this.claims.lapsed(node.id, controllerId, BigInt(incarnation), askedAt);
    }
    for (const session of this.sessions.open) this.claims.recheck(session);
  }

  /** A container that we know, and the node's row of it. Commands on their way settle themselves. */
  private compare(container: Container, row: AgentContainer | undefined): void {
    const { state, note, node } = container;
    if (state === 'creating' || state === 'binding' || state === 'removing') return;
    if (!row) {
      if (container.confirmedAt < node.askedAt) this.removals.vanished(container, 'its node does not have it');
      return;
    }
    if (row.note?.grantId === note?.grantId) {
      if (row.state === 'exited') this.exited(container, 'it ended');
      return;
    }
    if (container.confirmedAt >= node.askedAt) return;
    this.removals.vanished(container, 'it is bound by another grant');
    node.removedSince.delete(container.id);
  }

  /** A container of a former leader. */
  private adopt(node: Node, row: AgentContainer): void {
    const owner = row.note && this.owners.of(row.note.owner, BigInt(row.note.incarnation));
    const given = { ...row, image: row.image, note: row.note };
    const container = new Container(node, stateOf(row), given, this.context.nowMs);
    container.addresses = row.addresses;
    container.start = 'warm';
    container.isGrantOnWire = true;
    container.confirmedAt = this.context.sequence;
    this.containers.add(container);
    if (owner) this.containers.setOwner(container, owner);
    this.context.event(
      'container',
      row.id,
      `adopted (${container.state}, ${row.note ? `of ${row.note.owner}` : 'never bound'})`,
    );
    if (row.state === 'exited') return this.exited(container, 'it ended');
    // Creation is idempotent by id: asking again waits for the one that goes on.
    if (container.state === 'creating') return this.grants.askCreate(container);
    if (!row.note && row.state !== 'running') return this.removals.start(container, 'unbound');
    if (!owner) return;
    if (owner.session) this.claims.settle(container, owner.session);
    else if (this.owners.isSuperseded(owner)) this.claims.orphan(container);
  }

  /** It ended by itself. Its owner has not said that it will not use the address any more, so it is not `failed`. */
  exited(container: Container | undefined, reason: string): void {
    // What is being created or bound is settled by the answer to that.
    if (!container || ['removing', 'creating', 'binding'].includes(container.state)) return;
    const { note, owner, state } = container;
    if (owner?.session && note) {
      const value = { containerId: container.id, grantId: note.grantId, reason: reason || 'it ended' };
      tell(this.context, owner.session, { $case: 'gone', value });
    }
    if (!note) this.removals.start(container, 'unbound');
    else this.removals.start(container, state === 'parked' ? 'drained' : 'disowned');
  }
}
