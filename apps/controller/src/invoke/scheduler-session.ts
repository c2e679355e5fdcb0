// Joins the data path with share-states: tells the scheduler what the core knows, and does what the scheduler says.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { shareStates as wire } from '#protocol';
import type { SchedulerEars } from './data-path';
import type { Invocation } from './invocation';
import type { ContainerProxy } from './container-proxy';
import type { LoadBalancer, Proxy, Waiting } from './load-balancer';
import { reachableAddress } from './reachable-address';
import { meanMs, oldestRunningMs } from './run-statistics';
import { type SchedulerWord, ShareStates, type ShareStatesIdentity, type Truth } from './share-states';
import { nothing } from './told-demand';
import type { UseReport } from './use-report';

type Owned = ContainerProxy<unknown>;

/** What it needs of the data path. */
export interface SessionPath<Run extends Waiting> {
  readonly limits: Limits;
  readonly balancer: LoadBalancer<Run>;
  ears: SchedulerEars<Run> | undefined;
  hinted(key: string, address: string, free: number): void;
}

export class SchedulerSession<Run extends Waiting = Invocation> implements Truth<Owned>, SchedulerEars<Run> {
  readonly shareStates: ShareStates<Owned>;
  /** Called whenever something may be due; the shell coalesces. */
  wake: () => void = () => undefined;

  constructor(
    identity: ShareStatesIdentity,
    private readonly path: SessionPath<Run>,
    private readonly clock: Clock,
    private readonly superseded: (reason: string) => void,
    /** Whether the path of a container's socket exists on this host. */
    private readonly socketIsHere: (path: string) => boolean = () => false,
  ) {
    this.shareStates = new ShareStates(identity, this, path.limits);
    path.ears = this;
  }

  /** Obeys one word of the scheduler. */
  obey(word: SchedulerWord): void {
    const now = this.clock.now();
    const { balancer } = this.path;
    switch (word.$case) {
      case 'grant':
        return this.granted(word.value, now);
      case 'failed': {
        const isDeveloper = word.value.class === wire.Failed_Class.DEVELOPER;
        return balancer.failKey(word.value.actionKey, {
          class: isDeveloper ? 'developer' : 'whisk',
          result: JSON.stringify({ error: word.value.text }),
        });
      }
      case 'reclaim':
        return balancer.reclaim(word.value.containerId, word.value.grantId);
      case 'retire':
        return balancer.retire(word.value.containerId, word.value.grantId);
      case 'gone':
        return balancer.gone(word.value.containerId, word.value.grantId, word.value.reason, now);
      case 'superseded':
        return this.superseded(`incarnation ${word.value.incarnation} of this controller id is running`);
      case 'hint':
        return this.path.hinted(word.value.actionKey, word.value.address, word.value.free);
      case 'welcome':
      case 'denied':
        // Welcome takes nothing away; the denied wait until their limit.
        return;
    }
  }

  private granted({ container, grantId, actionKey, start }: wire.Grant, now: number): void {
    if (!container) return;
    const { address, isTunnelled } = reachableAddress(container.addresses, this.socketIsHere);
    const granted = {
      id: container.id,
      grantId,
      actionKey,
      nodeId: container.nodeId,
      agentUrl: container.agentUrl,
      address,
      isTunnelled,
      kind: container.kind,
      memoryMb: container.memoryMb,
      concurrency: Math.max(1, container.concurrency),
    };
    const state = start !== wire.Start.WARM ? 'uninitialised' : container.suspended ? 'suspended' : 'initialised';
    this.path.balancer.granted(granted, state, now);
  }

  // ---- what the core tells ----

  demandChanged(key: string): void {
    if (this.shareStates.demandChanged(key, this.clock.now())) this.wake();
  }

  busied(proxy: Proxy<Run>): void {
    this.shareStates.busied(proxy.report);
  }

  freed(proxy: Proxy<Run>): void {
    this.shareStates.freed(proxy.report, this.clock.now());
  }

  forgotten(proxy: Proxy<Run>): void {
    this.shareStates.forgotten(proxy.report);
  }

  drained(containerId: string, grantId: string): void {
    this.shareStates.drained(containerId, grantId);
    this.wake();
  }

  kept(containerId: string, grantId: string): void {
    this.shareStates.kept(containerId, grantId);
    this.wake();
  }

  removed(containerId: string, grantId: string, reason: string): void {
    this.shareStates.removed(containerId, grantId, reason);
    this.wake();
  }

  // ---- what share-states asks ----

  *reports(): Iterable<UseReport<Owned>> {
    for (const { report } of this.path.balancer.warm.all()) yield report;
  }

  container(proxy: Owned, now: number): wire.HelloContainer {
    const { id: containerId, grantId, actionKey } = proxy.container;
    return { containerId, grantId, actionKey, ...useOf(proxy, now) };
  }

  waitingKeys(): Iterable<string> {
    return [...this.path.balancer.overflow.keys()];
  }

  demand(key: string, now: number): wire.Demand {
    const { balancer } = this.path;
    const facts = balancer.factsOf(key);
    if (!facts) return nothing(key);
    const runs = balancer.warm.runsOf(key);
    // Each by its name: a spread in the middle makes an object that everybody is slow to read.
    return {
      actionKey: key,
      kind: facts.kind,
      image: facts.image,
      memoryMb: facts.memoryMb,
      concurrency: facts.concurrency,
      logLimitMb: facts.logLimitMb,
      namespaceConcurrency: facts.namespaceConcurrency,
      waiting: balancer.overflow.lengthOf(key),
      inFlight: runs?.running ?? 0,
      owned: balancer.warm.ownedOf(key),
      meanDurationMs: meanMs(runs),
      oldestRunningMs: Math.floor(oldestRunningMs(runs, now)),
      oldestWaitingMs: Math.floor(balancer.overflow.oldestMs(key, now)),
      lastSeen: 0,
    };
  }

  state(proxy: Owned, now: number): wire.ContainerState {
    const { id: containerId, grantId } = proxy.container;
    const { state, idleMs } = useOf(proxy, now);
    return { containerId, grantId, state, idleMs };
  }
}

function useOf(proxy: Owned, now: number): { state: wire.UseState; idleMs: number } {
  if (proxy.isBusy) return { state: wire.UseState.BUSY, idleMs: 0 };
  const state = proxy.state === 'suspended' ? wire.UseState.SUSPENDED : wire.UseState.FREE;
  return { state, idleMs: Math.max(0, Math.floor(now - proxy.freeSince)) };
}
