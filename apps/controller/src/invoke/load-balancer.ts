// The load balancer: the one synchronous core of the data path. It joins warm-container list, container proxies, overflow, run statistics
// and use leases; every decision reserves what it needs in the same step, and what has to happen outside is handed to `effects`.
//
// Guarantees: a freed slot goes to the longest waiter of its key in the same step; a waiter takes whichever comes first, a granted
// container or one of its own that became free; nothing is dispatched to a node without a living use lease; every invocation that was
// submitted ends in exactly one of run, init, expired, failed or forwarded (and kept or lost there); one that another controller forwarded
// never waits here. Pure: time is an argument, effects must not call back synchronously.
import { Bag } from '#collections';
import type { Limits } from '#limits';
import { ContainerProxy, type GrantedContainer, type NextStep } from './container-proxy';
import type { DataPathEffects, KeyFacts, KeyFailure, Proxy, Waiting } from './data-path-effects';
import { Deadlines } from './deadlines';
import { type ForwardEnd, Forwarding } from './forwarding';
import { Overflow } from './overflow';
import { RunStatistics } from './run-statistics';
import { type NodeUse, UseLeases } from './use-leases';
import { WarmContainers } from './warm-containers';

interface Held<Invocation> {
  readonly proxy: Proxy<Invocation>;
  readonly invocation: Invocation;
  readonly step: 'init' | 'run' | 'resume';
}

export type { DataPathEffects, KeyFacts, KeyFailure, Proxy, Waiting } from './data-path-effects';

export class LoadBalancer<Invocation extends Waiting> {
  private readonly statistics = new RunStatistics();
  readonly warm = new WarmContainers<Invocation>(this.statistics);
  readonly overflow: Overflow<Invocation>;
  readonly leases: UseLeases;
  readonly forwarding: Forwarding<Invocation>;
  private readonly facts = new Map<string, KeyFacts>();
  private readonly idle = new Deadlines<Proxy<Invocation>>();
  private readonly onNode = new Map<NodeUse, Bag<Proxy<Invocation>>>();
  private readonly held = new Map<NodeUse, Set<Held<Invocation>>>();

  constructor(
    private readonly limits: Limits,
    private readonly effects: DataPathEffects<Invocation>,
  ) {
    this.overflow = new Overflow(limits);
    this.leases = new UseLeases(limits);
    this.forwarding = new Forwarding(limits);
  }

  factsOf(key: string): KeyFacts | undefined {
    return this.facts.get(key);
  }

  /** Dispatches to a free container or queues. False: the queue is full or it may not wait here, and nothing was changed. */
  submit(invocation: Invocation, now: number): boolean {
    if (invocation.origin === 'peer' && !this.hasFree(invocation.key, now)) return false;
    const proxy = this.warm.take(invocation.key);
    if (proxy) {
      this.dispatch(proxy, invocation, now);
      return true;
    }
    if (!this.overflow.offer(invocation, now)) return false;
    this.facts.set(invocation.key, invocation.facts);
    this.demandMoved(invocation.key);
    return true;
  }

  /** Whether a container of this key could run something at this moment. */
  hasFree(key: string, now: number): boolean {
    const proxy = this.warm.take(key) as Proxy<Invocation> | undefined;
    if (!proxy) return false;
    this.warm.offer(proxy);
    return this.leases.lives(proxy.node!, now);
  }

  /** Whether something may be sent to it at this moment; ask again after every wait. */
  mayUse(proxy: Proxy<Invocation>, now: number): boolean {
    return proxy.state !== 'removed' && this.leases.lives(proxy.node!, now);
  }

  /** Another controller has this many free containers of the key. Answers who is to be forwarded there. */
  hinted(key: string, address: string, free: number): Invocation[] {
    const chosen = this.forwarding.choose(this.overflow.waiters(key), address, free);
    for (const invocation of chosen) this.overflow.withdraw(invocation);
    // A hint satisfies no demand: for those who stay the scheduler is asked again.
    this.demandMoved(key);
    return chosen;
  }

  /** A forwarded one is kept or lost there, or comes back and waits again, at the front. */
  forwardEnded(invocation: Invocation, address: string, end: ForwardEnd, now: number): void {
    if (!this.forwarding.ended(invocation, address, end)) return;
    this.waitAgain(invocation, now);
    this.demandMoved(invocation.key);
    this.serveRestored(invocation.key, now);
  }

  /** The caller no longer wants it, and it had not been dispatched. */
  cancel(invocation: Invocation): void {
    if (invocation.overflow !== 'waiting') return;
    this.overflow.cancel(invocation);
    this.demandMoved(invocation.key);
  }

  /** A Grant arrived. A container without code that nobody waits for is given back. */
  granted(container: GrantedContainer, start: 'uninitialised' | 'initialised' | 'suspended', now: number): void {
    const known = this.warm.find(container.id);
    if (known) {
      if (known.container.grantId === container.grantId) return;
      this.forget(known as Proxy<Invocation>, 'granted anew', now);
    }
    if (start === 'uninitialised' && this.overflow.lengthOf(container.actionKey) === 0) {
      this.effects.drained(container.id, container.grantId);
      return;
    }
    const proxy: Proxy<Invocation> = new ContainerProxy<Invocation>(container, start, now);
    proxy.node = this.leases.own(container.nodeId, container.agentUrl, now);
    proxy.grantedAt = now;
    let neighbours = this.onNode.get(proxy.node);
    if (!neighbours) this.onNode.set(proxy.node, (neighbours = new Bag()));
    neighbours.add(proxy);
    this.warm.add(proxy);
    this.handOver(proxy, now);
  }

  /** /init answered 200 for this invocation: it goes on to /run, and others may use further slots. */
  initialised(proxy: Proxy<Invocation>, invocation: Invocation, now: number): void {
    // It was taken away meanwhile: nothing was run, so the invocation goes elsewhere.
    if (proxy.state === 'removed') return this.rescheduled(proxy, invocation, now);
    proxy.initialised();
    this.statistics.begun(invocation, now);
    this.go(proxy, invocation, 'run', now);
    this.handOver(proxy, now);
  }

  /** /init failed. A developer's failure answers all who wait for a key that has no container with code. */
  initFailed(proxy: Proxy<Invocation>, invocation: Invocation, failure: KeyFailure, now: number): void {
    this.statistics.ended(invocation, now, false);
    const { key } = invocation;
    this.forget(proxy, `init failed (${failure.class})`, now);
    if (failure.class === 'developer' && !this.warm.hasInitialised(key)) this.failKey(key, failure);
  }

  /** A run is over. `keep` is false when the container must not be used again. */
  runEnded(proxy: Proxy<Invocation>, invocation: Invocation, keep: boolean, counts: boolean, now: number): void {
    this.statistics.ended(invocation, now, counts);
    if (!keep) return this.forget(proxy, 'a run failed in it', now);
    const step = proxy.release(now);
    if (step === 'drained') this.left(proxy);
    else if (proxy.state !== 'removed') this.handOver(proxy, now);
  }

  /** A reserved invocation turned out not to be run (e.g. its claim was lost): the slot goes on. */
  abandoned(proxy: Proxy<Invocation>, invocation: Invocation, now: number): void {
    if (!proxy.isInitialised) {
      this.statistics.ended(invocation, now, false);
      return this.forget(proxy, 'granted for an invocation that was not run', now);
    }
    this.runEnded(proxy, invocation, true, false, now);
  }

  /** The run did not happen in it: the container is given up, and the invocation waits again, at the front. */
  rescheduled(proxy: Proxy<Invocation>, invocation: Invocation, now: number): void {
    this.statistics.ended(invocation, now, false);
    this.forget(proxy, 'it took no run', now);
    this.waitAgain(invocation, now);
    this.demandMoved(invocation.key);
    this.serveRestored(invocation.key, now);
  }

  suspendEnded(proxy: Proxy<Invocation>, sequence: number, outcome: 'ok' | 'gone' | 'unknown', now: number): void {
    if (outcome === 'gone') return this.forget(proxy, 'vanished before a suspend', now);
    if (proxy.suspendEnded(sequence) === 'resume') this.effects.resume(proxy, proxy.sequence);
    else this.warm.offer(proxy);
  }

  resumeEnded(proxy: Proxy<Invocation>, sequence: number, outcome: 'ok' | 'failed', now: number): void {
    if (proxy.state !== 'resuming' || sequence !== proxy.sequence) return;
    if (outcome === 'failed') return this.forget(proxy, 'could not be resumed', now);
    for (const invocation of proxy.resumed(sequence)) {
      this.statistics.begun(invocation, now);
      this.go(proxy, invocation, 'run', now);
    }
    this.handOver(proxy, now);
  }

  reclaim(containerId: string, grantId: string): void {
    const proxy = this.current(containerId, grantId);
    if (!proxy) return this.effects.drained(containerId, grantId);
    if (proxy.reclaim()) this.left(proxy);
    else this.effects.kept(containerId, grantId);
  }

  retire(containerId: string, grantId: string): void {
    const proxy = this.current(containerId, grantId);
    if (!proxy) return this.effects.drained(containerId, grantId);
    if (proxy.retire() === 'drained') this.left(proxy);
  }

  /** Its agent says that it is no longer there. */
  gone(containerId: string, grantId: string, reason: string, now: number): void {
    const proxy = this.current(containerId, grantId);
    if (proxy) this.forget(proxy, `gone: ${reason}`, now, false);
  }

  /** The scheduler says that no container can be made for this key. */
  failKey(key: string, failure: KeyFailure): void {
    for (const waiter of this.overflow.takeAll(key)) this.effects.failed(waiter, failure);
    this.demandMoved(key);
  }

  retireAll(): void {
    for (const proxy of [...this.warm.all()]) this.retire(proxy.container.id, proxy.container.grantId);
  }

  /** The agent answered a renewal with what it keeps for us; what was granted before the request and is not listed is gone. */
  leaseRenewed(node: NodeUse, listed: ReadonlyMap<string, string>, now: number): void {
    const askedAt = this.leases.renewed(node, now);
    // A grant is noted at its agent before it is sent, so one that came in the very step of the question must be listed, too.
    const unlisted = this.ownedOn(node).filter(
      ({ grantedAt, container }) => grantedAt! <= askedAt && listed.get(container.id) !== container.grantId,
    );
    this.forgetAll(unlisted, 'not listed by its agent', now, false);
    // An answer that came late, e.g. because this process was stopped, is about a lease that has lapsed again.
    if (!this.leases.lives(node, now)) return;
    const held = this.held.get(node);
    this.held.delete(node);
    for (const { proxy, invocation, step } of held ?? []) this.perform(proxy, invocation, step);
  }

  /** Nodes whose lease has been lapsed for another lease: what is there is given up. */
  giveUp(node: NodeUse, now: number): void {
    this.forgetAll(this.ownedOn(node), 'its use lease has lapsed', now, true);
  }

  /** Time passed: expires waiters, suspends what has been free for the grace. */
  tick(now: number): void {
    for (const invocation of this.overflow.expire(now)) {
      this.effects.expired(invocation);
      this.demandMoved(invocation.key);
    }
    for (const proxy of this.idle.expire(now)) {
      if (!this.leases.lives(proxy.node!, now)) this.idle.add(proxy, this.limits.suspendGraceMs, now);
      else if (proxy.suspend()) this.effects.suspend(proxy, proxy.sequence);
    }
    for (const held of this.held.values()) {
      for (const { proxy, invocation } of held) {
        if (now - invocation.acceptedAt >= invocation.waitLimitMs) {
          this.effects.expired(invocation);
          this.forget(proxy, 'no use lease for its node', now, true, invocation);
        }
      }
    }
  }

  /** As they are now: whoever goes through them may forget some. */
  private ownedOn(node: NodeUse): Proxy<Invocation>[] {
    return [...(this.onNode.get(node) ?? [])];
  }

  private current(containerId: string, grantId: string): Proxy<Invocation> | undefined {
    const proxy = this.warm.find(containerId);
    return proxy?.container.grantId === grantId ? (proxy as Proxy<Invocation>) : undefined;
  }

  /** Gives free slots of a container to the longest waiters, else lists it as free. */
  private handOver(proxy: Proxy<Invocation>, now: number): void {
    let served = false;
    while (proxy.canReserve()) {
      const waiter = this.overflow.take(proxy.container.actionKey);
      if (!waiter) break;
      served = true;
      this.dispatch(proxy, waiter, now);
    }
    if (served) this.demandMoved(proxy.container.actionKey);
    this.warm.offer(proxy);
    if (proxy.isBusy || proxy.state === 'removed') return;
    this.effects.freed(proxy);
    if (proxy.state === 'ready') this.idle.add(proxy, this.limits.suspendGraceMs, now);
  }

  private dispatch(proxy: Proxy<Invocation>, invocation: Invocation, now: number): void {
    if (!proxy.isBusy) {
      this.idle.remove(proxy);
      this.effects.busied(proxy);
    }
    const step = proxy.reserve(invocation);
    this.statistics.started(proxy.warmKey!.runs, invocation, now);
    this.warm.offer(proxy);
    if (step === 'none' || step === 'wait' || step === 'drained') return;
    this.go(proxy, invocation, step, now);
  }

  /** Now, or once the use lease lives: what a step waited for may have taken longer than the lease. */
  private go(proxy: Proxy<Invocation>, invocation: Invocation, step: 'init' | 'run' | 'resume', now: number): void {
    if (this.leases.lives(proxy.node!, now)) this.perform(proxy, invocation, step);
    else this.hold(proxy, invocation, step);
  }

  private hold(proxy: Proxy<Invocation>, invocation: Invocation, step: 'init' | 'run' | 'resume'): void {
    let held = this.held.get(proxy.node!);
    if (!held) this.held.set(proxy.node!, (held = new Set()));
    held.add({ proxy, invocation, step });
  }

  private perform(
    proxy: Proxy<Invocation>,
    invocation: Invocation,
    step: Exclude<NextStep, 'none' | 'wait' | 'drained'>,
  ): void {
    if (step === 'init') this.effects.init(proxy, invocation);
    else if (step === 'run') this.effects.run(proxy, invocation);
    else this.effects.resume(proxy, proxy.sequence);
  }

  /** It gave itself back in order. */
  private left(proxy: Proxy<Invocation>): void {
    this.drop(proxy);
    this.effects.drained(proxy.container.id, proxy.container.grantId);
  }

  /** It failed or vanished: whoever had reserved it without having begun waits again, at the front. */
  private forget(proxy: Proxy<Invocation>, reason: string, now: number, report = true, except?: Invocation): void {
    if (proxy.state === 'removed') return;
    const stranded = this.takeAway(proxy, reason, report);
    this.restore(proxy, stranded, now, except);
  }

  /** All at once: none of them may be given to who was stranded in another. */
  private forgetAll(proxies: readonly Proxy<Invocation>[], reason: string, now: number, report: boolean): void {
    const away = proxies.filter(({ state }) => state !== 'removed');
    const stranded = away.map((proxy) => this.takeAway(proxy, reason, report));
    for (const [at, proxy] of away.entries()) this.restore(proxy, stranded[at]!, now);
  }

  /** Answers those who had reserved it without having begun. */
  private takeAway(proxy: Proxy<Invocation>, reason: string, report: boolean): Set<Invocation> {
    const stranded = new Set(proxy.remove());
    const held = this.held.get(proxy.node!);
    for (const item of held ?? []) {
      if (item.proxy !== proxy) continue;
      held!.delete(item);
      stranded.add(item.invocation);
    }
    if (held?.size === 0) this.held.delete(proxy.node!);
    if (report) this.effects.removed(proxy, reason);
    this.drop(proxy);
    return stranded;
  }

  private restore(proxy: Proxy<Invocation>, stranded: Set<Invocation>, now: number, except?: Invocation): void {
    for (const invocation of [...stranded].reverse()) {
      this.statistics.ended(invocation, now, false);
      if (invocation !== except) this.waitAgain(invocation, now);
    }
    if (stranded.size > 0) this.demandMoved(proxy.container.actionKey);
    this.serveRestored(proxy.container.actionKey, now);
  }

  /** It was not run: it waits at the front, unless it may not wait here. */
  private waitAgain(invocation: Invocation, now: number): void {
    if (invocation.origin === 'peer') return this.effects.expired(invocation);
    this.facts.set(invocation.key, invocation.facts);
    this.overflow.restore(invocation, now);
  }

  /** The scheduler is told; facts of a key that nobody waits for and that owns nothing are forgotten. */
  private demandMoved(key: string): void {
    if (this.warm.ownedOf(key) === 0 && this.overflow.lengthOf(key) === 0) this.facts.delete(key);
    this.effects.demandChanged(key);
  }

  /** Stranded waiters may fit into another container that is free now. */
  private serveRestored(key: string, now: number): void {
    while (this.overflow.lengthOf(key) > 0) {
      const proxy = this.warm.take(key);
      if (!proxy) return;
      this.dispatch(proxy, this.overflow.take(key)!, now);
      this.demandMoved(key);
    }
  }

  private drop(proxy: Proxy<Invocation>): void {
    this.idle.remove(proxy);
    this.warm.delete(proxy);
    const neighbours = this.onNode.get(proxy.node!);
    if (neighbours?.delete(proxy) && neighbours.size === 0) this.onNode.delete(proxy.node!);
    this.leases.disown(proxy.node!);
    const { actionKey } = proxy.container;
    if (this.warm.ownedOf(actionKey) === 0 && this.overflow.lengthOf(actionKey) === 0) this.facts.delete(actionKey);
    else if (this.overflow.lengthOf(actionKey) > 0) this.demandMoved(actionKey);
    this.effects.forgotten(proxy);
  }
}
