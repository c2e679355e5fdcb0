// Joins the data path with share-states: tells the scheduler what the core knows, and does what the scheduler says.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { shareStates as wire } from '#protocol';
import type { SchedulerEars } from './data-path';
import type { Invocation } from './invocation';
import type { LoadBalancer, Proxy, Waiting } from './load-balancer';
import { reachableAddress } from './reachable-address';
import { type SchedulerWord, ShareStates, type ShareStatesIdentity, type Truth } from './share-states';

/** What it needs of the data path. */
export interface SessionPath<Run extends Waiting> {
  readonly limits: Limits;
  readonly balancer: LoadBalancer<Run>;
  ears: SchedulerEars<Run> | undefined;
  hinted(key: string, address: string, free: number): void;
}

export class SchedulerSession<Run extends Waiting = Invocation> implements Truth, SchedulerEars<Run> {
  readonly shareStates: ShareStates;
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
    const granted = {
      id: container.id,
      grantId,
      actionKey,
      nodeId: container.nodeId,
      agentUrl: container.agentUrl,
      ...reachableAddress(container.addresses, this.socketIsHere),
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
    this.shareStates.busied(proxy.container.id);
  }

  freed(proxy: Proxy<Run>): void {
    this.shareStates.freed(proxy.container.id, this.clock.now());
  }

  forgotten(proxy: Proxy<Run>): void {
    this.shareStates.forgotten(proxy.container.id);
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

  containers(now: number): wire.HelloContainer[] {
    const containers: wire.HelloContainer[] = [];
    for (const proxy of this.path.balancer.warm.all()) {
      const { id: containerId, grantId, actionKey } = proxy.container;
      containers.push({ containerId, grantId, actionKey, ...useOf(proxy, now) });
    }
    return containers;
  }

  waitingKeys(): Iterable<string> {
    return [...this.path.balancer.overflow.keys()];
  }

  demand(key: string, now: number): Omit<wire.Demand, 'lastSeen'> | undefined {
    const { balancer } = this.path;
    const facts = balancer.factsOf(key);
    if (!facts) {
      const none = {
        kind: '',
        image: '',
        memoryMb: 0,
        concurrency: 1,
        logLimitMb: 0,
        namespaceConcurrency: 0,
        waiting: 0,
      };
      return {
        actionKey: key,
        ...none,
        inFlight: 0,
        owned: 0,
        meanDurationMs: 0,
        oldestRunningMs: 0,
        oldestWaitingMs: 0,
      };
    }
    return {
      actionKey: key,
      ...facts,
      waiting: balancer.overflow.lengthOf(key),
      inFlight: balancer.statistics.inFlight(key),
      owned: balancer.warm.ownedOf(key),
      meanDurationMs: balancer.statistics.meanMs(key),
      oldestRunningMs: Math.floor(balancer.statistics.oldestRunningMs(key, now)),
      oldestWaitingMs: Math.floor(balancer.overflow.oldestMs(key, now)),
    };
  }

  state(containerId: string, now: number): wire.ContainerState | undefined {
    const proxy = this.path.balancer.warm.find(containerId);
    return proxy && { containerId, grantId: proxy.container.grantId, ...useOf(proxy, now) };
  }
}

function useOf(
  proxy: { isBusy: boolean; state: string; freeSince: number },
  now: number,
): { state: wire.UseState; idleMs: number } {
  if (proxy.isBusy) return { state: wire.UseState.BUSY, idleMs: 0 };
  const state = proxy.state === 'suspended' ? wire.UseState.SUSPENDED : wire.UseState.FREE;
  return { state, idleMs: Math.max(0, Math.floor(now - proxy.freeSince)) };
}
