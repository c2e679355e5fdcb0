// Asking owners: Reclaim (may I have it now?), Retire (run nothing new in it), and what they answer. Removal is a conversation;
// nobody removes a container under a running activation. No answer by the deadline means Kept; Drained is accepted at any time.
import type { Container } from './container';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Demand } from './demand';
import type { Demands } from './demands';
import type { Grants } from './grants';
import type { Hold } from './hold';
import { tell } from './outbox';
import type { Removals } from './removals';

export class Asks {
  constructor(
    private readonly context: Context,
    private readonly containers: Containers,
    private readonly demands: Demands,
    private readonly grants: Grants,
    private readonly removals: Removals,
  ) {}

  /** Whether its owner may have something running in it, so that it has to be asked. */
  isAskable({ state }: Container): boolean {
    return ['busy', 'free', 'suspended', 'unclaimed', 'reclaiming'].includes(state);
  }

  /** For a hold, a move or a reuse (then `mover` is the demand that gets it), or because it was idle for long. Its owner is connected. */
  reclaim(container: Container, why: string, mover?: Demand): void {
    const { reclaimDeadlineMs } = this.context.limits;
    const session = container.owner!.session!;
    this.containers.become(container, 'reclaiming', why);
    if (mover) this.demands.attach(container, mover);
    const value = { containerId: container.id, grantId: container.note!.grantId, deadlineMs: reclaimDeadlineMs };
    tell(this.context, session, { $case: 'reclaim', value });
    const atMs = this.context.nowMs + reclaimDeadlineMs;
    container.deadline = this.context.timers.keep(container.deadline, atMs, this.unanswered, container);
  }

  private readonly unanswered = (container: Container): void => this.kept(container, 'no answer by the deadline');

  /** Told again on every stream of its owner until it is drained. */
  retire(container: Container, why: string): void {
    this.context.timers.drop(container.deadline);
    this.demands.detach(container);
    this.containers.become(container, 'retiring', why);
    this.tellRetire(container);
  }

  tellRetire(container: Container): void {
    const session = container.owner?.session;
    if (!session) return;
    const value = { containerId: container.id, grantId: container.note!.grantId };
    tell(this.context, session, { $case: 'retire', value });
  }

  /** Something runs in it or is reserved, or its owner cannot be asked any more. */
  kept(container: Container, why: string): void {
    if (container.state !== 'reclaiming') return;
    this.context.timers.drop(container.deadline);
    this.demands.detach(container);
    this.release(container);
    container.isDoomed = false;
    this.containers.become(container, 'busy', why);
  }

  /** Whether it was retired for a demand of its own key, and is fit to go there as it is. */
  private isHeir({ isDoomed, isInitialised, node, note, concurrency }: Container, { by, demand }: Hold): boolean {
    if (by !== 'retire' || isDoomed || !isInitialised || !node.isUsable) return false;
    return this.demands.isOpen(demand) && note?.actionKey === demand.actionKey && concurrency === demand.concurrency;
  }

  private inherit(container: Container, hold: Hold): void {
    hold.isMet = true;
    this.release(container);
    this.grants.bind(container, hold.demand, 'warm');
  }

  /** Its hold, if it was a victim, has to find another. */
  private release(container: Container): void {
    const { hold } = container;
    container.hold = undefined;
    if (hold?.victims.delete(container)) this.context.unsettledHolds.add(hold);
  }

  /** Its owner gave it up: to whom it was asked for, else to whoever else needs this key, else to nobody. */
  drained(container: Container): void {
    const { demand, hold } = container;
    this.context.timers.drop(container.deadline);
    this.demands.detach(container);
    if (demand && this.demands.isOpen(demand)) {
      return this.grants.bind(container, demand, container.note?.actionKey === demand.actionKey ? 'warm' : 'prewarmed');
    }
    const isAwaited = hold !== undefined && hold.node.holds.has(hold);
    if (isAwaited && this.isHeir(container, hold)) return this.inherit(container, hold);
    if (container.isDoomed || container.node.isDraining || isAwaited || !container.isInitialised)
      return this.removals.start(container, 'drained');
    this.containers.become(container, 'parked', 'given up by its owner', () => this.containers.disown(container));
    this.context.unsettledNodes.add(container.node);
    this.demands.reconsider(container.keyUse);
  }
}
