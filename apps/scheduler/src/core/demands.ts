// The demands of all sessions: what is waiting, what is on its way, and when a demand may be forgotten.
//
// Guarantee: a grant counts as supply from the decision until a Demand of that key says that its sender saw it; so a Demand that
// crosses a Grant on the wire causes no second container.
import type { shareStates } from '#protocol';
import type { ActionKeys, KeyUse } from './action-keys';
import type { Container } from './container';
import type { Context } from './context';
import { type Demand, supplyOf } from './demand';
import type { Namespaces } from './namespaces';
import type { Session } from './session';
import type { WaitingLine } from './waiting-line';

function newDemand(session: Session, keyUse: KeyUse, nowMs: number): Demand {
  return {
    session,
    actionKey: keyUse.actionKey,
    keyUse,
    namespace: keyUse.namespace,
    kind: '',
    image: undefined,
    memoryMb: 0,
    concurrency: 1,
    logLimitMb: 0,
    namespaceConcurrency: 0,
    waiting: 0,
    inFlight: 0,
    owned: 0,
    meanDurationMs: 0,
    oldestRunningMs: 0,
    sinceMs: nowMs,
    progressMs: nowMs,
    inProgress: 0,
    unsent: 0,
    unseen: [],
    roundTarget: 0,
    holds: [],
    failures: 0,
    isDenied: false,
    isHinted: false,
    isHeldBack: false,
    fairnessDeadline: undefined,
  };
}

const none: ReadonlySet<never> = new Set<never>();

export class Demands {
  /** Demands that were told that nothing is left for them. */
  private readonly denied = new Set<Demand>();

  constructor(
    private readonly context: Context,
    private readonly line: WaitingLine,
    private readonly namespaces: Namespaces,
    private readonly keys: ActionKeys,
  ) {}

  /** Not over changes. */
  ofKey(actionKey: string): Iterable<Demand> {
    return this.keys.find(actionKey)?.demands ?? none;
  }

  get deniedCount(): number {
    return this.denied.size;
  }

  /** The newest state of a key wins. Answers the demand if anything waits. */
  set(session: Session, message: shareStates.Demand): Demand | undefined {
    this.forgetCancelled(session, message.lastSeen);
    let demand = session.demands.get(message.actionKey);
    if (!demand) {
      if (message.waiting === 0) return undefined;
      demand = newDemand(session, this.keys.meet(message.actionKey), this.context.nowMs);
      session.demands.set(message.actionKey, demand);
      demand.keyUse.demands.add(demand);
    }
    this.update(demand, message);
    if (demand.waiting > 0) return demand;
    this.cancel(demand);
    return undefined;
  }

  private update(demand: Demand, message: shareStates.Demand): void {
    const { nowMs } = this.context;
    if (demand.waiting === 0) demand.progressMs = nowMs;
    demand.kind = message.kind;
    demand.image = message.image === '' ? undefined : message.image;
    demand.memoryMb = message.memoryMb;
    demand.concurrency = Math.max(1, message.concurrency);
    demand.logLimitMb = message.logLimitMb;
    demand.namespaceConcurrency = message.namespaceConcurrency;
    demand.waiting = message.waiting;
    demand.inFlight = message.inFlight;
    demand.owned = message.owned;
    demand.meanDurationMs = message.meanDurationMs;
    demand.oldestRunningMs = message.oldestRunningMs;
    demand.sinceMs = nowMs - message.oldestWaitingMs;
    while (demand.unseen.length > 0 && demand.unseen[0]! <= message.lastSeen) {
      demand.unseen.shift();
      demand.progressMs = nowMs;
    }
    if (this.line.has(demand)) this.line.set(demand);
  }

  /** Its waiters were answered, or are gone with their stream. */
  close(demand: Demand): void {
    demand.waiting = 0;
    this.cancel(demand);
  }

  /** Nothing waits any more. What is on its way still counts for the next Demand of this key, until it was seen. */
  private cancel(demand: Demand): void {
    this.settled(demand);
    demand.roundTarget = 0;
    demand.failures = 0;
    demand.isHinted = false;
    for (const hold of demand.holds) this.context.unsettledHolds.add(hold);
    if (supplyOf(demand) === 0) this.forget(demand);
    else if (demand.unseen.length > 0) demand.session.cancelled.push(demand);
  }

  /** Has all that it needs for now, or needs nothing any more. */
  settled(demand: Demand): void {
    this.line.delete(demand);
    this.setDenied(demand, false);
    this.namespaces.letGo(demand);
  }

  setDenied(demand: Demand, isDenied: boolean): void {
    demand.isDenied = isDenied;
    if (isDenied) this.denied.add(demand);
    else this.denied.delete(demand);
  }

  forget(demand: Demand): void {
    this.settled(demand);
    this.context.unsettledDemands.delete(demand);
    this.context.timers.drop(demand.fairnessDeadline);
    if (demand.session.demands.get(demand.actionKey) === demand) demand.session.demands.delete(demand.actionKey);
    if (demand.keyUse.demands.delete(demand)) this.keys.forgetIfUnused(demand.keyUse);
  }

  isOpen(demand: Demand): boolean {
    return demand.waiting > 0 && demand.session.demands.get(demand.actionKey) === demand;
  }

  private forgetCancelled({ cancelled }: Session, lastSeen: number): void {
    while (cancelled.length > 0) {
      const [demand] = cancelled;
      if (demand!.waiting === 0 && (demand!.unseen[demand!.unseen.length - 1] ?? 0) > lastSeen) return;
      cancelled.shift();
      if (demand!.waiting > 0) continue;
      demand!.unseen.length = 0;
      if (supplyOf(demand!) === 0) this.forget(demand!);
    }
  }

  // ---- supply ----

  /** The container is being made ready for this demand. */
  attach(container: Container, demand: Demand): void {
    container.demand = demand;
    this.began(demand);
  }

  /** It is no supply any more: granted, failed, or slow enough that the demand is better served elsewhere. */
  detach(container: Container): Demand | undefined {
    const { demand } = container;
    container.demand = undefined;
    if (demand) this.ended(demand);
    return demand;
  }

  began(demand: Demand): void {
    demand.inProgress += 1;
    this.namespaces.take(demand.namespace);
    demand.progressMs = this.context.nowMs;
  }

  ended(demand: Demand): void {
    demand.inProgress -= 1;
    this.namespaces.giveBack(demand.namespace);
    const { keyUse, actionKey } = demand;
    this.reconsider(keyUse.demands.has(demand) ? keyUse : this.keys.find(actionKey));
    if (!this.isOpen(demand) && supplyOf(demand) === 0) this.forget(demand);
  }

  /** Something that all demands of this key share has changed: its creations, or a container that may be moved. */
  reconsider(keyUse: KeyUse | undefined): void {
    if (!keyUse || keyUse.demands.size === 0) return;
    for (const demand of keyUse.demands) if (this.isOpen(demand)) this.context.unsettledDemands.add(demand);
  }

  /** Its stream is gone, and with it every grant that was on its way. */
  drop(demand: Demand): void {
    demand.unsent = 0;
    demand.unseen.length = 0;
    this.close(demand);
    this.forget(demand);
  }

  /** A Grant was put into the outbox; answers what to do when it leaves. */
  granted(demand: Demand): (number: number) => void {
    demand.unsent += 1;
    return (number) => {
      demand.unsent -= 1;
      demand.unseen.push(number);
      if (demand.waiting === 0) demand.session.cancelled.push(demand);
    };
  }
}
