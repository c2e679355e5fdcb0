// The scheduler as a pure machine: inputs and time in, effects out. No promise, no timer, no socket; the real process, the tests and
// the simulation of the whole cluster drive this very code.
//
// Guarantees, whatever order inputs come in: memory is never promised twice; a container never has two owners; nothing is removed
// under a running activation except on its owner's or its agent's word; a message whose grant id is not the container's current one
// changes nothing; a time-out frees nothing.
import type { Random } from '#clock';
import type { Limits } from '#limits';
import type { shareStates } from '#protocol';
import { ActionKeys } from './action-keys';
import { Asks } from './asks';
import { Claims } from './claims';
import type { Container } from './container';
import { ContainerPool } from './container-pool';
import { Containers } from './containers';
import { Context } from './context';
import { Demands } from './demands';
import type { Effect, Input, StreamId } from './effects';
import { Grants } from './grants';
import { Health } from './health';
import { Heartbeats } from './heartbeats';
import { Holds } from './holds';
import { Namespaces } from './namespaces';
import type { Node } from './node';
import { Nodes } from './nodes';
import { Owners } from './owners';
import { Leavings } from './leavings';
import { choosePolicies, type PolicyNames } from './policies';
import { PrewarmWatch } from './prewarm-watch';
import { Probes } from './probes';
import { IdleWatch } from './idle-watch';
import { Inventories } from './inventories';
import { Removals } from './removals';
import { Reuse } from './reuse';
import type { Session } from './session';
import { Sessions } from './sessions';
import { StemCellStock } from './stem-cell-stock';
import type { StemCells } from './stem-cells';
import { useOf } from './use';
import { WaitingLine } from './waiting-line';

export interface SchedulerSettings {
  readonly limits: Limits;
  /** For container ids. */
  readonly random: Random;
  readonly stemCells: readonly StemCells[];
  /** What operators have set instead comes later, as an input; until then stem cells are left as they are. */
  readonly awaitsStemCells?: boolean;
  readonly policies?: Partial<PolicyNames> | undefined;
  /** Kinds whose used containers may be wiped for another action of their namespace; left out: none. */
  readonly reuse?: ReadonlySet<string> | undefined;
  /** Whether anybody wants to hear of each container's changes now; left out: always. There are many, and each is a sentence to put together. */
  readonly hearsContainers?: () => boolean;
}

export class SchedulerCore {
  private readonly context: Context;
  private readonly nodes: Nodes;
  private readonly containers: Containers;
  private readonly sessions: Sessions;
  private readonly grants: Grants;
  private readonly removals: Removals;
  private readonly asks: Asks;
  private readonly claims: Claims;
  private readonly heartbeats: Heartbeats;
  private readonly inventories: Inventories;
  private readonly pool: ContainerPool;
  private readonly stock: StemCellStock;
  private readonly leavings: Leavings;

  /** A leader of that epoch, which knows nothing yet. */
  constructor(
    readonly epoch: bigint,
    { limits, random, stemCells, awaitsStemCells, policies = {}, reuse, hearsContainers }: SchedulerSettings,
    nowMs: number,
  ) {
    const { placement, reclaimOrder, prewarm, keepAlive } = choosePolicies(policies);
    const context = new Context(epoch, limits, random, nowMs, hearsContainers);
    const line = new WaitingLine();
    const owners = new Owners();
    const nodes = new Nodes(placement, random, (node) => this.inventories.askLater(node), context.unsettledNodes);
    const namespaces = new Namespaces((demand) => context.unsettledDemands.add(demand));
    const keys = new ActionKeys();
    const containers = new Containers(
      nodes,
      namespaces,
      keys,
      reclaimOrder,
      new Reuse(reuse),
      (container, from, why) => {
        if (context.hearsContainers())
          context.event('container', container.id, `${from} -> ${container.state} (${why})`);
        idle.changed(container, from);
        leavings.changed(container);
      },
      (container) => idle.forget(container),
    );
    const demands = new Demands(context, line, namespaces, keys);
    const removals = new Removals(context, nodes, containers, demands);
    const health = new Health(context, containers);
    const grants = new Grants(
      context,
      nodes,
      containers,
      demands,
      removals,
      health,
      (owner) => owners.isSuperseded(owner),
      (node) => this.heartbeats.suspect(node),
    );
    const asks = new Asks(context, containers, demands, grants, removals);
    const idle = new IdleWatch(context, asks, removals, keepAlive);
    const leavings = new Leavings(context, asks, removals);
    const claims = new Claims(context, owners, nodes, containers, asks, grants, removals);
    const sessions = new Sessions(context, owners, keys, containers, demands, asks, removals, claims);
    const holds = new Holds(context, nodes, demands, asks, grants, removals, reclaimOrder);
    const stock = new StemCellStock(stemCells, !awaitsStemCells, prewarm);
    const probes = new Probes(context, grants, stock);
    this.context = context;
    this.stock = stock;
    this.leavings = leavings;
    this.nodes = nodes;
    this.containers = containers;
    this.sessions = sessions;
    this.grants = grants;
    this.removals = removals;
    this.asks = asks;
    this.claims = claims;
    const inventories = new Inventories(context, nodes, containers, owners, grants, removals, claims, sessions);
    this.inventories = inventories;
    this.heartbeats = new Heartbeats(context, nodes, containers, owners, removals, claims, inventories);
    this.pool = new ContainerPool(
      context,
      nodes,
      containers,
      demands,
      line,
      namespaces,
      grants,
      removals,
      asks,
      holds,
      probes,
      leavings,
      stock,
      new PrewarmWatch(context, nodes, stock),
      sessions,
    );
    this.watchSettled();
  }

  /** From then on, what is idle or too much is trimmed. */
  private watchSettled(): void {
    const { sinceMs, limits, timers, unsettledNodes } = this.context;
    timers.set('settled', sinceMs + limits.settleMs, () => {
      for (const node of this.nodes.byId.values()) unsettledNodes.add(node);
    });
  }

  /** Handles one input completely. */
  handle(input: Input, nowMs: number): Effect[] {
    const { context } = this;
    // Whole milliseconds: V8 keeps each other number of an object in an object of its own, and there are some of each container.
    context.nowMs = Math.max(context.nowMs, Math.floor(nowMs));
    context.sequence += 1;
    this.dispatch(input);
    context.timers.run(context.nowMs);
    context.idleTimers.run(context.nowMs);
    this.pool.settle();
    const { effects } = context;
    context.effects = [];
    return effects;
  }

  /** What this stream says next, numbered; asked for while the stream is writable. */
  nextMessage(stream: StreamId): shareStates.SchedulerMessage | undefined {
    return this.sessions.outboxOf(stream)?.take();
  }

  private dispatch(input: Input): void {
    switch (input.kind) {
      case 'message':
        return this.message(input.stream, input.message);
      case 'stream-closed':
        return this.sessions.closed(input.stream);
      case 'heartbeat':
        return this.heartbeats.hear(input.request);
      case 'inventory':
        return this.inventories.taken(input.nodeId, input.askedAt, input.inventory);
      case 'inventory-failed':
        return this.inventories.failed(input.nodeId, input.askedAt, input.failure);
      case 'created':
        return this.about(input.containerId, (container) => this.grants.created(container, input.addresses));
      case 'create-failed':
        return this.about(input.containerId, (container) => this.grants.createFailed(container, input.failure));
      case 'bound':
        return this.about(input.containerId, (container) =>
          this.grants.bound(container, input.grantId, input.addresses),
        );
      case 'bind-failed':
        return this.about(input.containerId, (container) =>
          this.grants.bindFailed(container, input.grantId, input.failure),
        );
      case 'removed':
        return this.about(input.containerId, (container) => this.removals.removed(container));
      case 'remove-failed':
        return this.about(input.containerId, (container) => this.removals.failed(container, input.failure));
      case 'cordoned':
        return this.heartbeats.cordon(input.nodeId, input.cordon, input.number);
      case 'evict':
        return this.about(input.containerId, (container) => this.leavings.evict(container));
      case 'stem-cells':
        return this.setStemCells(input.stemCells);
      case 'tick':
        return this.pool.report();
    }
  }

  private setStemCells(stemCells: readonly StemCells[]): void {
    for (const { kind, memoryMb, from, to } of this.stock.set(stemCells)) {
      this.context.event('stem-cells', `${kind}, ${memoryMb} MB`, `${from} -> ${to} on each node`);
    }
    for (const node of this.nodes.byId.values()) this.context.unsettledNodes.add(node);
  }

  private about(containerId: string, act: (container: Container) => void): void {
    const container = this.containers.byId.get(containerId);
    if (container) act(container);
  }

  // ---- messages of controllers ----

  private message(stream: StreamId, { number, epoch, body }: shareStates.ControllerMessage): void {
    if (epoch > this.context.epoch) this.context.effects.push({ kind: 'higher-epoch', epoch });
    if (body?.$case === 'hello') return this.sessions.hello(stream, body.value);
    const session = this.sessions.find(stream);
    if (!session || !body)
      return this.sessions.close(stream, 'bad-message', 'share-states: the first message must be Hello.');
    if (number <= session.received) return;
    session.received = number;
    switch (body.$case) {
      case 'demand':
        return this.sessions.demand(session, body.value);
      case 'states':
        for (const state of body.value.states) this.stateOf(session, state);
        return;
      case 'drained':
        return this.answer(session, body.value, (container) => this.asks.drained(container), 'drained');
      case 'kept':
        return this.answer(session, body.value, (container) => this.asks.kept(container, 'its owner needs it'));
      case 'removed':
        return this.answer(session, body.value, (container) => this.removals.start(container, 'failed'), 'failed');
      case 'goodbye':
        return this.sessions.goodbye(session);
    }
  }

  /** Ignores what names another grant than the container's current one. */
  private answer(
    session: Session,
    { containerId, grantId }: { containerId: string; grantId: string },
    act: (container: Container) => void,
    ending?: 'drained' | 'failed',
  ): void {
    const container = this.owned(session, containerId, grantId);
    if (container) return act(container);
    if (!ending) return;
    const claim = session.claims.get(containerId);
    if (claim?.grantId === grantId) claim.ended = ending;
    const granted = this.granted(session, containerId, grantId);
    if (granted) this.removals.ended(granted, ending);
  }

  private granted(session: Session, containerId: string, grantId: string): Container | undefined {
    const container = this.containers.byId.get(containerId);
    return container?.owner === session.owner && container.note?.grantId === grantId ? container : undefined;
  }

  private owned(session: Session, containerId: string, grantId: string): Container | undefined {
    const container = this.granted(session, containerId, grantId);
    if (!container) return undefined;
    return this.asks.isAskable(container) || container.state === 'retiring' ? container : undefined;
  }

  private stateOf(session: Session, { containerId, grantId, state, idleMs }: shareStates.ContainerState): void {
    const container = this.owned(session, containerId, grantId);
    if (!container) {
      const claim = session.claims.get(containerId);
      if (claim?.grantId === grantId) Object.assign(claim, { use: useOf(state), idleMs });
      const granted = this.granted(session, containerId, grantId);
      if (granted) this.removals.heard(granted, useOf(state), idleMs);
      return;
    }
    if (container.state === 'reclaiming' || container.state === 'retiring') return;
    const use = useOf(state);
    this.claims.use(container, use, idleMs, 'its owner says so');
    if (use !== 'busy') this.pool.freed(container);
  }

  // ---- for admin, readiness and tests ----

  get view(): CoreView {
    return {
      nowMs: this.context.nowMs,
      sinceMs: this.context.sinceMs,
      nodes: this.nodes.byId,
      containers: this.containers.byId,
      sessions: [...this.sessions.open],
      stock: this.stock,
    };
  }

  /** At least one node takes creations. */
  get isReady(): boolean {
    return this.nodes.hasUsable();
  }
}

/** To look at, not to change. */
export interface CoreView {
  readonly nowMs: number;
  readonly sinceMs: number;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly containers: ReadonlyMap<string, Container>;
  readonly sessions: readonly Session[];
  readonly stock: Pick<StemCellStock, 'isKnown' | 'lines' | 'ofOperators'>;
}
