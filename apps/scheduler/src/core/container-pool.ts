// The container pool: decides who gets which container. Pure and synchronous; a decision has reserved what it needs when it is made.
//
// A demand is answered in this order: a warm container that can be moved to it, a stem cell, memory left on a node, a used container that is
// wiped for it (off by default), containers of one node that give way, else it is denied and stays in line until something frees up. `settle` runs at the end of every input, over
// what that input changed, so that nobody is merely told to look again.
import { chooseRetired } from './fairness';
import type { Asks } from './asks';
import type { Container } from './container';
import type { Containers } from './containers';
import type { Context } from './context';
import { type Demand, supplyOf } from './demand';
import type { Demands } from './demands';
import { desiredCount } from './desired-count';
import type { Grants } from './grants';
import type { Holds } from './holds';
import type { Namespaces } from './namespaces';
import type { Node } from './node';
import type { Leavings } from './leavings';
import type { Nodes } from './nodes';
import { tell } from './outbox';
import type { PrewarmWatch } from './prewarm-watch';
import type { Probes } from './probes';
import type { Removals } from './removals';
import type { Session } from './session';
import type { StemCellStock } from './stem-cell-stock';
import { missingStemCells, surplusStemCells } from './stem-cells';
import { isSet } from './timers';
import type { WaitingLine } from './waiting-line';

/**
 * How a unit of a demand ended: on its way; at the parallel creations of its action or its nodes, so that it goes on when one of them
 * ends; or nothing is left for it.
 */
type Outcome = 'coming' | 'at-limit' | 'no-slot' | 'nothing-left';

/** For a demand that waits too long, on how many nodes a container is looked for. */
const nodesTried = 3;

export class ContainerPool {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly demands: Demands,
    private readonly line: WaitingLine,
    private readonly namespaces: Namespaces,
    private readonly grants: Grants,
    private readonly removals: Removals,
    private readonly asks: Asks,
    private readonly holds: Holds,
    private readonly probes: Probes,
    private readonly leavings: Leavings,
    private readonly stock: StemCellStock,
    private readonly prewarming: PrewarmWatch,
    private readonly sessions: { readonly open: Iterable<Session> },
  ) {}

  /** Decides everything that the input made decidable. */
  settle(): void {
    const { unsettledDemands, unsettledHolds, unsettledNodes } = this.context;
    while (unsettledDemands.size + unsettledHolds.size + unsettledNodes.size > 0) {
      for (let hold = unsettledHolds.take(); hold; hold = unsettledHolds.take()) this.holds.review(hold);
      for (let demand = unsettledDemands.take(); demand; demand = unsettledDemands.take()) {
        if (this.demands.isOpen(demand)) this.serve(demand);
      }
      for (let node = unsettledNodes.take(); node; node = unsettledNodes.take()) this.serveNode(node);
    }
  }

  // ---- demands ----

  /** Gives a demand what it is worth, as far as possible. True if anything is on its way that was not. */
  serve(demand: Demand): boolean {
    let isServed = false;
    for (;;) {
      const { needed, extra, roundTarget } = this.desired(demand);
      demand.roundTarget = roundTarget;
      if (needed + extra === 0) {
        this.demands.settled(demand);
        return isServed;
      }
      if (this.namespaces.isAtLimit(demand)) {
        this.holdBack(demand);
        return isServed;
      }
      const outcome = this.provide(demand, needed > 0);
      if (outcome !== 'coming') {
        this.keepInLine(demand, outcome, needed > 0);
        return isServed;
      }
      isServed = true;
    }
  }

  private desired(demand: Demand): ReturnType<typeof desiredCount> {
    return desiredCount(
      {
        waiting: demand.waiting,
        inFlight: demand.inFlight,
        owned: demand.owned,
        concurrency: demand.concurrency,
        meanDurationMs: demand.meanDurationMs,
        oldestRunningMs: demand.oldestRunningMs,
        supply: supplyOf(demand),
        roundTarget: demand.roundTarget,
        waitedMs: this.context.nowMs - demand.sinceMs,
        stalledMs: this.context.nowMs - demand.progressMs,
      },
      this.context.limits,
    );
  }

  /** One container for this demand, by the order of the design. */
  private provide(demand: Demand, isNeeded: boolean): Outcome {
    const { kind, memoryMb } = demand;
    const parked = this.containers.parked(demand);
    if (parked) {
      this.grants.bind(parked, demand, parked.isInitialised ? 'warm' : 'prewarmed');
      return 'coming';
    }
    const movable = this.containers.movable(demand);
    if (movable && this.hint(demand, movable.owner!.session!)) return 'at-limit';
    if (movable) {
      this.asks.reclaim(movable, `moves to ${demand.session.owner.controllerId}`, demand);
      return 'coming';
    }
    const stemCell = this.containers.stemCell(demand);
    if (stemCell) {
      this.grants.bind(stemCell, demand, 'prewarmed');
      this.prewarming.took(demand);
      return 'coming';
    }
    if (this.creationsOf(demand) >= this.context.limits.creationsPerActionCount) return 'at-limit';
    const node = this.nodes.place(demand);
    if (node) {
      this.grants.create(demand, node);
      this.prewarming.took(demand);
      return 'coming';
    }
    if (this.nodes.hasRoom(kind, memoryMb)) return 'no-slot';
    if (isNeeded && (this.reuse(demand) || this.holds.reclaimFor(demand))) return 'coming';
    return 'nothing-left';
  }

  /** Takes a used container of another action, to be wiped. Only when memory is short: it costs that action its warm container. */
  private reuse(demand: Demand): boolean {
    const used = this.containers.reusable(demand);
    if (!used) return false;
    if (used.state === 'parked') this.grants.bind(used, demand, 'prewarmed');
    else this.asks.reclaim(used, `is wiped for ${demand.actionKey}`, demand);
    return true;
  }

  /** Creations and what will lead to them. */
  private creationsOf({ keyUse }: Demand): number {
    let count = keyUse.creating;
    for (const { holds } of keyUse.demands) for (const { by } of holds) if (by === 'reclaim') count += 1;
    return count;
  }

  /**
   * A container that could be moved belongs to a controller that can be forwarded to: say so once, then wait for the next Demand.
   * A hint never satisfies a demand; if its controller asks again, the container is moved.
   */
  private hint(demand: Demand, owner: Session): boolean {
    if (owner.address === '' || demand.isHinted) return false;
    demand.isHinted = true;
    let free = 0;
    for (const { owner: other, state } of demand.keyUse.containers) {
      if (other === owner.owner && (state === 'free' || state === 'suspended')) free += 1;
    }
    const value = { actionKey: demand.actionKey, address: owner.address, free };
    tell(this.context, demand.session, { $case: 'hint', value });
    return true;
  }

  /** Its namespace may have nothing more in use. What has ended is reported late, so it is asked for. */
  private holdBack(demand: Demand): void {
    this.demands.settled(demand);
    this.namespaces.holdBack(demand);
    this.report();
  }

  private keepInLine(demand: Demand, outcome: Outcome, isNeeded: boolean): void {
    if (outcome === 'at-limit' || !isNeeded) return this.demands.settled(demand);
    this.line.set(demand);
    this.watchFairness(demand);
    if (outcome === 'no-slot' || !this.nodes.hasUsable()) return;
    this.deny(demand);
    this.report();
  }

  private deny(demand: Demand): void {
    if (demand.isDenied) return;
    this.demands.setDenied(demand, true);
    const { actionKey, kind, memoryMb } = demand;
    const reason = this.nodes.hasUsable(kind) ? `no node has ${memoryMb} MB for it now` : `no node offers ${kind} now`;
    tell(this.context, demand.session, { $case: 'denied', value: { actionKey, reason } });
    this.context.event('demand', actionKey, `denied (${reason})`);
  }

  /** Asks whose containers are free at this moment, since that is reported late. At most every `reportIntervalMs`. */
  report(): void {
    if (this.demands.deniedCount === 0 && !this.namespaces.hasHeldBack) return;
    for (const session of this.sessions.open) {
      if (session.owner.containers.size === 0) continue;
      if (this.context.nowMs - session.reportedMs < this.context.limits.reportIntervalMs) continue;
      session.reportedMs = this.context.nowMs;
      tell(this.context, session, { $case: 'report', value: {} });
    }
  }

  private watchFairness(demand: Demand): void {
    const { fairnessMs } = this.context.limits;
    if (isSet(demand.fairnessDeadline)) return;
    this.judgeFairnessAt(demand, Math.max(demand.sinceMs + fairnessMs, this.context.nowMs + 1));
  }

  private judgeFairnessAt(demand: Demand, atMs: number): void {
    const { timers } = this.context;
    demand.fairnessDeadline = timers.keep(demand.fairnessDeadline, atMs, this.judgeFairness, demand);
  }

  private readonly judgeFairness = (demand: Demand): void => {
    if (!this.line.has(demand)) return;
    const { nowMs, limits } = this.context;
    const isAsked = demand.holds.some(({ by }) => by === 'retire');
    if (demand.isDenied && nowMs - demand.sinceMs >= limits.fairnessMs && !isAsked) this.retireFor(demand);
    this.judgeFairnessAt(demand, nowMs + limits.fairnessMs);
  };

  private retireFor(demand: Demand): void {
    const { nowMs, limits } = this.context;
    const nodes = this.nodes.usable(demand.kind, nodesTried);
    const victim = chooseRetired(nodes, demand, this.containers, this.demands, nowMs - limits.fairnessMs);
    if (victim)
      this.holds.retireFor(demand, victim, `${demand.actionKey} has waited for longer than ${limits.fairnessMs} ms`);
  }

  // ---- nodes ----

  /** An owner would give it up: good news for whoever waits, first for the same key. */
  freed(container: Container): void {
    if (this.line.size > 0) this.context.unsettledNodes.add(container.node);
    this.demands.reconsider(container.keyUse);
  }

  /** Something freed up here, or the node came or left: first holds, then whoever waited longest, then the stock. */
  private serveNode(node: Node): void {
    // Whoever is reviewed may leave.
    if (node.holds.size > 0) for (const hold of [...node.holds]) this.holds.review(hold);
    this.probes.watch(node);
    this.leavings.review(node);
    if (!node.isUsable) return;
    while (this.line.size > 0 && this.serveHead(node)) continue;
    if (!this.stock.isKnown) return;
    for (const { kind, memoryMb, count } of missingStemCells(node, this.stock.wanted, this.context.nowMs)) {
      for (let started = 0; started < count; started += 1) this.grants.createStemCell(node, kind, memoryMb);
    }
    if (!this.context.isSettled) return;
    for (const container of surplusStemCells(node, this.stock.wanted)) this.removals.start(container, 'unbound');
  }

  private serveHead(node: Node): boolean {
    for (const demand of this.line.heads(node.kinds, node.potentialMb)) if (this.serve(demand)) return true;
    return false;
  }
}
