// What agents say: heartbeats and inventories. Nodes come, are suspected, are gone, come back; their containers are adopted, never
// killed because the leader changed.
//
// Guarantees: a node takes nothing new before it has stored our epoch and said what it has. A container found there with a note is
// its owner's and counts as busy until claimed; only one that was never bound is a stem cell. An answer that was asked for before a
// creation or a removal was confirmed does not undo it.
import type { AgentContainer, Inventory, heartbeat } from '#protocol';
import type { Claims } from './claims';
import type { Container, ContainerState } from './container';
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

/** The kind of containers made from a user's image. */
const blackbox = 'blackbox';

function stateOf({ note, state }: AgentContainer): ContainerState {
  if (note) return 'unclaimed';
  if (state === 'running') return 'stem-cell';
  return state === 'creating' ? 'creating' : 'unclaimed';
}

export class NodeReports {
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

  // ---- heartbeats ----

  heartbeat(request: heartbeat.HeartbeatRequest): void {
    if (request.epoch > this.context.epoch) this.context.effects.push({ kind: 'higher-epoch', epoch: request.epoch });
    const node = this.nodes.meet(request.nodeId);
    if (request.incarnation < node.incarnation) return;
    const isAnew = request.incarnation > node.incarnation || node.state === 'gone';
    node.incarnation = request.incarnation;
    node.agentUrl = request.agentUrl;
    node.driver = request.driver;
    node.memoryMb = request.memoryMb;
    node.parallelCreations = Math.max(1, request.parallelCreations);
    node.heartbeatMs = this.context.nowMs;
    this.nodes.setKinds(node, request.blackbox ? [...request.kinds, blackbox] : request.kinds);
    const wasUsable = node.isUsable;
    node.isCordoned = request.cordoned;
    this.setState(node, 'alive');
    if (isAnew) node.inventory = 'needed';
    if (node.isUsable !== wasUsable || isAnew) this.containers.refreshNode(node);
    else this.nodes.changed(node);
    if (!wasUsable && node.isUsable) this.context.unsettledNodes.add(node);
    if (node.inventory === 'needed') this.ask(node);
    if (node.inventory !== 'taken') return;
    for (const { containerId, reason } of request.exited) this.exited(this.containers.byId.get(containerId), reason);
    for (const { controllerId, incarnation } of request.lapsed) this.claims.lapsed(node.id, controllerId, incarnation);
  }

  private setState(node: Node, state: Node['state']): void {
    const { nodeSuspectedMs, nodeGoneMs } = this.context.limits;
    if (node.state !== state) this.context.event('node', node.id, `${node.state} -> ${state}`);
    const isUsabilityChanged = (node.state === 'alive') !== (state === 'alive');
    node.state = state;
    if (isUsabilityChanged) this.containers.refreshNode(node);
    const silentMs = state === 'alive' ? nodeSuspectedMs : nodeGoneMs;
    this.context.timers.set(`node ${node.id}`, node.heartbeatMs + silentMs, () => {
      if (state === 'alive') this.setState(node, 'suspected');
      else this.gone(node);
    });
  }

  /** Its containers are no supply; what was being freed there is for nobody. Owners are not told, they know better. */
  private gone(node: Node): void {
    if (node.state !== 'gone') {
      this.context.event('node', node.id, `${node.state} -> gone`);
      node.state = 'gone';
      node.inventory = 'needed';
      this.containers.refreshNode(node);
      this.context.unsettledNodes.add(node);
      for (const container of node.containers) this.removals.noSupply(container);
    }
    const isMissed = [...node.containers].some(({ owner }) => owner?.session !== undefined);
    if (!isMissed) return this.forget(node);
    this.context.timers.set(`node ${node.id}`, this.context.nowMs + this.context.limits.nodeGoneMs, () =>
      this.gone(node),
    );
  }

  /** Nothing there is anybody's who is connected; its inventory tells everything if it comes back. */
  private forget(node: Node): void {
    for (const container of node.containers) {
      for (const name of ['reclaim', 'idle', 'bind', 'remove']) this.context.timers.cancel(`${name} ${container.id}`);
      const { owner } = container;
      this.containers.forget(container);
      if (owner) this.owners.forgetIfEmpty(owner);
    }
    for (const name of node.stemCellsPausedMs.keys()) this.context.timers.cancel(`stem-cells ${node.id} ${name}`);
    for (const name of ['inventory', 'probe', 'node']) this.context.timers.cancel(`${name} ${node.id}`);
    this.context.unsettledNodes.delete(node);
    this.nodes.forget(node);
    this.context.event('node', node.id, 'forgotten');
  }

  /** It ended by itself. Its owner has not said that it will not use the address any more, so it is not `failed`. */
  private exited(container: Container | undefined, reason: string): void {
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

  // ---- inventories ----

  ask(node: Node): void {
    if (node.inventory === 'asked' || node.state === 'gone') return;
    node.inventory = 'asked';
    node.inventoryAskedAt = this.context.sequence;
    node.removedSince.clear();
    this.context.effects.push({ kind: 'inventory', agent: node.address });
  }

  askLater(node: Node): void {
    const atMs = this.context.nowMs + this.context.limits.inventoryRetryMs;
    this.context.timers.set(`inventory ${node.id}`, atMs, () => {
      if (node.inventory === 'needed') this.ask(node);
    });
  }

  failed(nodeId: string, failure: AgentFailure): void {
    const node = this.nodes.byId.get(nodeId);
    if (node?.inventory !== 'asked') return;
    node.inventory = 'needed';
    if (failure.code === 'stale-epoch') {
      this.context.effects.push({ kind: 'higher-epoch', epoch: failure.epoch ?? this.context.epoch });
    }
    this.context.event('node', nodeId, `gave no inventory (${failure.code}: ${failure.text})`);
    this.askLater(node);
  }

  taken(nodeId: string, inventory: Inventory): void {
    const node = this.nodes.byId.get(nodeId);
    if (node?.inventory !== 'asked') return;
    if (BigInt(inventory.epoch) !== this.context.epoch || BigInt(inventory.incarnation) !== node.incarnation) {
      node.inventory = 'needed';
      return this.askLater(node);
    }
    const listed = new Map(inventory.containers.map((row) => [row.id, row]));
    for (const container of [...node.containers]) this.compare(container, listed.get(container.id));
    for (const row of listed.values()) {
      if (!this.containers.byId.has(row.id) && !node.removedSince.has(row.id)) this.adopt(node, row);
    }
    node.inventory = 'taken';
    this.containers.refreshNode(node);
    this.context.unsettledNodes.add(node);
    this.context.event('node', node.id, `says what it has (${listed.size} containers)`);
    for (const { controllerId, incarnation } of inventory.lapsed) {
      this.claims.lapsed(node.id, controllerId, BigInt(incarnation));
    }
    for (const session of this.sessions.open) this.claims.recheck(session);
  }

  /** A container that we know, and the node's row of it. Commands on their way settle themselves. */
  private compare(container: Container, row: AgentContainer | undefined): void {
    const { state, note, node } = container;
    if (state === 'creating' || state === 'binding') return;
    if (!row) {
      if (state === 'removing' || container.confirmedAt < node.inventoryAskedAt)
        this.removals.vanished(container, 'its node does not have it');
      return;
    }
    if (state === 'removing') return;
    if (row.note?.grantId === note?.grantId) {
      if (row.state === 'exited') this.exited(container, 'it ended');
      return;
    }
    if (container.confirmedAt >= node.inventoryAskedAt) return;
    this.removals.vanished(container, 'it is bound by another grant');
    node.removedSince.delete(container.id);
  }

  /** A container of a former leader. */
  private adopt(node: Node, row: AgentContainer): void {
    const owner = row.note && this.owners.of(row.note.owner, BigInt(row.note.incarnation));
    const container: Container = {
      id: row.id,
      node,
      kind: row.kind,
      image: row.image,
      memoryMb: row.memoryMb,
      concurrency: row.concurrency,
      state: stateOf(row),
      addresses: row.addresses,
      note: row.note,
      owner: undefined,
      demand: undefined,
      hold: undefined,
      start: 'warm',
      isGrantOnWire: true,
      isInitialised: false,
      lastUsedMs: this.context.nowMs,
      grantedMs: this.context.nowMs,
      confirmedAt: this.context.sequence,
      noteBefore: undefined,
      bindAttempts: 0,
      isDoomed: false,
      removal: undefined,
    };
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
}
