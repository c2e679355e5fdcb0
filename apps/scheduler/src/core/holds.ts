// Step 4 of the pool: choose one node and let containers there give way until a demand fits.
//
// Guarantees: what was freed stays reserved for that demand until it is granted, cancelled, or `reclaimHoldMs` has passed since the
// agent's word that freed the last part; reclaims in progress count as supply, so nobody reclaims twice for one waiter.
import { Bag } from '#collections';
import type { Asks } from './asks';
import type { Container } from './container';
import type { Context } from './context';
import type { Demand } from './demand';
import type { Demands } from './demands';
import type { Grants } from './grants';
import type { Hold } from './hold';
import type { Node } from './node';
import type { Nodes } from './nodes';
import { advanceClock, chooseVictims, type ReclaimOrder } from './reclaim';
import type { Removals } from './removals';

/** How many nodes are tried for one demand, best first. */
const nodesTried = 3;

export class Holds {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly demands: Demands,
    private readonly asks: Asks,
    private readonly grants: Grants,
    private readonly removals: Removals,
    private readonly order: ReclaimOrder,
  ) {}

  /** Reserves what is free on the best node and asks for the rest. False if no node could make enough room. */
  reclaimFor(demand: Demand): boolean {
    for (const node of this.nodes.withPotential(demand.kind, demand.memoryMb, nodesTried)) {
      const freeMb = Math.max(0, node.freeMb);
      const missingMb = demand.memoryMb - freeMb;
      const victims = chooseVictims(node, missingMb, demand.actionKey);
      if (!victims) continue;
      advanceClock(node, this.order, victims);
      const hold = this.open(demand, node, 'reclaim');
      this.reserve(hold, freeMb);
      this.demands.began(demand);
      for (const victim of victims) this.ask(hold, victim);
      return true;
    }
    return false;
  }

  /** For a busy container that was told to retire for this demand. */
  retireFor(demand: Demand, victim: Container, why: string): void {
    const hold = this.open(demand, victim.node, 'retire');
    victim.hold = hold;
    hold.victims.add(victim);
    this.asks.retire(victim, why);
  }

  private open(demand: Demand, node: Node, by: Hold['by']): Hold {
    const { reclaimDeadlineMs, removeTimeoutMs } = this.context.limits;
    const hold: Hold = {
      demand,
      node,
      needMb: demand.memoryMb,
      haveMb: 0,
      victims: new Bag(),
      by,
      deadline: undefined,
      isMet: false,
      expiresMs: by === 'retire' ? Infinity : this.context.nowMs + reclaimDeadlineMs + removeTimeoutMs,
    };
    this.watch(hold);
    node.holds.add(hold);
    demand.holds.push(hold);
    return hold;
  }

  private reserve(hold: Hold, memoryMb: number): void {
    hold.haveMb += memoryMb;
    hold.node.heldMb += memoryMb;
    this.nodes.changed(hold.node);
  }

  private ask(hold: Hold, victim: Container): void {
    victim.hold = hold;
    hold.victims.add(victim);
    const why = `gives way to ${hold.demand.actionKey}`;
    if (victim.state === 'stem-cell') this.removals.start(victim, 'unbound');
    else if (victim.state === 'parked') this.removals.start(victim, 'drained');
    else this.asks.reclaim(victim, why);
  }

  /** Something of it was freed or kept, its demand changed, or a creation slot became free: go on, finish, or give up. */
  review(hold: Hold): void {
    const { demand, node } = hold;
    if (!node.holds.has(hold)) return;
    if (hold.isMet || !this.demands.isOpen(demand) || node.state === 'gone') return this.close(hold);
    this.watch(hold);
    if (hold.by === 'retire') return this.reviewRetired(hold);
    if (hold.haveMb >= hold.needMb) return this.finish(hold);
    const comingMb = [...hold.victims].reduce((sum, { memoryMb }) => sum + memoryMb, 0);
    const missingMb = hold.needMb - hold.haveMb - comingMb;
    if (missingMb > 0) {
      const freeMb = Math.min(missingMb, Math.max(0, node.freeMb));
      const more = node.isUsable ? chooseVictims(node, missingMb - freeMb, demand.actionKey) : undefined;
      if (!more) return this.close(hold);
      advanceClock(node, this.order, more);
      this.reserve(hold, freeMb);
      for (const victim of more) this.ask(hold, victim);
      if (hold.haveMb >= hold.needMb) return this.finish(hold);
    }
  }

  /** One container ended after its run. With what is free beside it, it may be enough. */
  private reviewRetired(hold: Hold): void {
    if (hold.victims.size > 0) return;
    const missingMb = hold.needMb - hold.haveMb;
    if (missingMb > 0 && hold.node.freeMb >= missingMb) this.reserve(hold, missingMb);
    if (hold.haveMb >= hold.needMb) return this.finish(hold);
    this.close(hold);
  }

  private finish(hold: Hold): void {
    const { node, demand } = hold;
    if (!node.isUsable) return this.close(hold);
    if (!node.hasSlot) return;
    this.close(hold);
    this.grants.create(demand, node);
  }

  private watch(hold: Hold): void {
    if (hold.expiresMs === Infinity) return;
    hold.deadline = this.context.timers.keep(hold.deadline, hold.expiresMs, this.close, hold);
  }

  /** Gives back what it has. Containers that were asked meanwhile are for whoever needs their memory then. */
  readonly close = (hold: Hold): void => {
    const { node, demand } = hold;
    if (!node.holds.delete(hold)) return;
    demand.holds.splice(demand.holds.indexOf(hold), 1);
    this.context.timers.drop(hold.deadline);
    for (const victim of hold.victims) victim.hold = undefined;
    hold.victims = new Bag();
    node.heldMb -= hold.haveMb;
    hold.haveMb = 0;
    this.nodes.changed(node);
    this.context.unsettledNodes.add(node);
    if (hold.by === 'reclaim') this.demands.ended(demand);
    else this.context.unsettledDemands.add(demand);
  };
}
