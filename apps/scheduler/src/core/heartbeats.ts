// What agents say every second. Nodes come, are suspected, are gone, come back.
//
// Guarantees: a node takes nothing new before it has stored our epoch and said what it has; a suspected one takes nothing new; of one
// that is gone nothing counts, and its inventory is taken anew when it is back.
import { type Cordon, cordonOf, type heartbeat } from '#protocol';
import type { Claims } from './claims';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Inventories } from './inventories';
import type { Node } from './node';
import type { Nodes } from './nodes';
import type { Owners } from './owners';
import type { Removals } from './removals';
import { isSet } from './timers';

/** The kind of containers made from a user's image. */
const blackbox = 'blackbox';

export class Heartbeats {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly owners: Owners,
    private readonly removals: Removals,
    private readonly claims: Claims,
    private readonly inventories: Inventories,
  ) {}

  hear(request: heartbeat.HeartbeatRequest): void {
    if (request.epoch > this.context.epoch) this.context.effects.push({ kind: 'higher-epoch', epoch: request.epoch });
    const node = this.nodes.meet(request.nodeId);
    if (request.incarnation < node.incarnation) return;
    const isAnew = request.incarnation > node.incarnation || node.state === 'gone';
    // What creations of an earlier life did says nothing about this one.
    if (request.incarnation > node.incarnation) {
      node.outcomes.length = 0;
      // It may have lost its disk.
      node.cordonNumber = 0;
      node.isBroken = false;
    }
    node.incarnation = request.incarnation;
    // Kept as long as they are the same: each heartbeat brings its own.
    if (node.agentUrl !== request.agentUrl) node.agentUrl = request.agentUrl;
    if (node.driver !== request.driver) node.driver = request.driver;
    node.wipes = request.wipes;
    if (node.memoryMb !== request.memoryMb) this.context.unsettledNodes.add(node);
    node.memoryMb = request.memoryMb;
    node.parallelCreations = Math.max(1, request.parallelCreations);
    node.heartbeatMs = this.context.nowMs;
    this.nodes.setKinds(node, request.blackbox ? [...request.kinds, blackbox] : request.kinds);
    this.setState(node, 'alive');
    if (isAnew) node.hasInventory = node.isAsked = false;
    this.cordon(node.id, cordonOf(request), request.cordonNumber);
    if (isAnew) this.inventories.ask(node);
    if (!node.hasInventory) return;
    for (const { containerId, reason } of request.exited)
      this.inventories.exited(this.containers.byId.get(containerId), reason);
    for (const { controllerId, incarnation } of request.lapsed) this.claims.lapsed(node.id, controllerId, incarnation);
  }

  /**
   * Kept by its agent; here it decides about placements only. The agent numbers its orders: a heartbeat that it composed before an order
   * may arrive after the answer to that order, and must not undo it.
   */
  cordon(nodeId: string, cordon: Cordon, number: number): void {
    const node = this.nodes.byId.get(nodeId);
    if (!node) return;
    if (number >= node.cordonNumber) this.setCordon(node, cordon, number);
    this.refresh(node);
  }

  private setCordon(node: Node, cordon: Cordon, number: number): void {
    node.cordonNumber = number;
    const before = cordonOf({ cordoned: node.isCordoned, draining: node.isDraining });
    if (before !== cordon) this.context.event('node', node.id, cordon === 'open' ? 'uncordoned' : cordon);
    node.isCordoned = cordon !== 'open';
    node.isDraining = cordon === 'draining';
    if (node.isDraining && before !== cordon) this.context.unsettledNodes.add(node);
    if (!node.isDraining) node.drainingLeft = undefined;
  }

  /** It refuses connections: it gets nothing new before its next heartbeat. */
  suspect(node: Node): void {
    if (node.state === 'alive') this.setState(node, 'suspected');
  }

  /** After anything that may decide whether it gets something new. */
  private refresh(node: Node): void {
    if (node.isPlaceable === node.isUsable) return this.nodes.changed(node);
    this.containers.refreshNode(node);
    this.context.unsettledNodes.add(node);
  }

  private setState(node: Node, state: Node['state']): void {
    const { nodeSuspectedMs, nodeGoneMs } = this.context.limits;
    if (node.state !== state) this.context.event('node', node.id, `${node.state} -> ${state}`);
    node.state = state;
    this.refresh(node);
    this.judgeAt(node, node.heartbeatMs + (state === 'alive' ? nodeSuspectedMs : nodeGoneMs));
  }

  /** Its containers are no supply; what was being freed there is for nobody. Owners are not told, they know better. */
  private gone(node: Node): void {
    if (node.state !== 'gone') {
      this.context.event('node', node.id, `${node.state} -> gone`);
      node.state = 'gone';
      node.goneMs = this.context.nowMs;
      node.hasInventory = node.isAsked = false;
      this.containers.refreshNode(node);
      this.context.unsettledNodes.add(node);
      for (const container of node.containers) this.removals.noSupply(container);
    }
    if (this.isForgettable(node)) return this.forget(node);
    this.judgeAt(node, this.context.nowMs + this.context.limits.nodeGoneMs);
  }

  /** A deadline that comes before stays where it is, so that a heartbeat moves none. */
  private judgeAt(node: Node, atMs: number): void {
    node.judgedMs = atMs;
    const { silenceDeadline } = node;
    if (isSet(silenceDeadline) && silenceDeadline.priority <= atMs) return;
    node.silenceDeadline = this.context.timers.keep(silenceDeadline, atMs, this.judge, node);
  }

  /** It may have been silent for as long as its state allows. */
  private readonly judge = (node: Node): void => {
    if (this.context.nowMs < node.judgedMs) return this.judgeAt(node, node.judgedMs);
    if (node.state === 'alive') this.setState(node, 'suspected');
    else this.gone(node);
  };

  /**
   * Nothing there is anybody's who is connected, and no creation can still be on its way: then its inventory tells everything if it
   * comes back.
   */
  private isForgettable(node: Node): boolean {
    if (this.context.nowMs - node.goneMs < 2 * this.context.limits.createTimeoutMs) return false;
    for (const { owner, state } of node.containers) if (owner?.session || state === 'creating') return false;
    return true;
  }

  private forget(node: Node): void {
    for (const container of [...node.containers]) {
      this.context.timers.drop(container.deadline);
      const { owner } = container;
      this.containers.forget(container);
      if (owner) this.owners.forgetIfEmpty(owner);
    }
    for (const name of node.stemCellsPausedMs.keys()) this.context.timers.cancel(`stem-cells ${node.id} ${name}`);
    this.context.timers.cancel(`inventory ${node.id}`);
    this.context.timers.drop(node.silenceDeadline);
    this.context.timers.drop(node.probeDeadline);
    this.context.unsettledNodes.delete(node);
    this.nodes.forget(node);
    this.context.event('node', node.id, 'forgotten');
  }
}
