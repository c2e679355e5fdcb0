// The world around a load balancer, for the specs beside this file: it plays clients, containers, agents, scheduler and other controllers.
//
// `check` holds after every step: an invocation is waiting, running, forwarded or ended, and never two of these; nothing runs in a frozen or
// removed container, or more than it takes; nobody waits beside a free slot of his key (no lost wake-up); nothing is dispatched without a use
// lease; what another controller forwarded never waits; only a client's own is forwarded, within the hint and the connections.
import { defaultLimits } from '#limits';
import type { Deadline } from './deadlines';
import type { ForwardEnd, Origin } from './forwarding';
import { type DataPathEffects, type KeyFailure, LoadBalancer, type Proxy, type Waiting } from './load-balancer';
import type { UnderWay } from './run-statistics';

export class Request implements Waiting {
  overflow: 'out' | 'waiting' = 'out';
  deadline: Deadline | undefined = undefined;
  underWay: UnderWay | undefined = undefined;
  forward: 'not' | 'under way' | 'refused' = 'not';
  /** Where it was forwarded. */
  address: string | undefined;
  ended: string | undefined;
  runningIn: Proxy<Request> | undefined;
  readonly facts = {
    kind: 'nodejs:20',
    image: '',
    memoryMb: 256,
    concurrency: 2,
    logLimitMb: 10,
    namespaceConcurrency: 0,
  };

  constructor(
    readonly key: string,
    readonly acceptedAt: number,
    readonly waitLimitMs: number,
    readonly origin: Origin,
  ) {}
}

interface Asked {
  readonly verb: 'init' | 'suspend' | 'resume';
  readonly proxy: Proxy<Request>;
  readonly request?: Request;
  readonly sequence: number;
}

export class World implements DataPathEffects<Request> {
  readonly balancer: LoadBalancer<Request>;
  now = 1_000;
  readonly requests: Request[] = [];
  asked: Asked[] = [];
  readonly frozen = new Set<Proxy<Request>>();
  readonly reported = new Map<string, string>();
  private containers = 0;

  constructor(readonly concurrency: number) {
    const limits = {
      ...defaultLimits,
      suspendGraceMs: 10,
      overflowPerKeyCount: 6,
      overflowTotalCount: 10,
      useLeaseRenewMs: 50,
      peerConnectionsCount: 2,
    };
    this.balancer = new LoadBalancer(limits, this);
  }

  // ---- effects ----
  init(proxy: Proxy<Request>, request: Request): void {
    this.mustBeLeased(proxy);
    this.asked.push({ verb: 'init', proxy, request, sequence: 0 });
  }
  run(proxy: Proxy<Request>, request: Request): void {
    expect([request.ended, request.runningIn, request.address]).toEqual([undefined, undefined, undefined]);
    expect(this.frozen.has(proxy)).toBe(false);
    expect(proxy.state).not.toBe('removed');
    request.runningIn = proxy;
  }
  suspend(proxy: Proxy<Request>, sequence: number): void {
    expect(this.running(proxy)).toHaveLength(0);
    this.asked.push({ verb: 'suspend', proxy, sequence });
  }
  resume(proxy: Proxy<Request>, sequence: number): void {
    this.asked.push({ verb: 'resume', proxy, sequence });
  }
  expired(request: Request): void {
    this.end(request, 'expired');
  }
  failed(request: Request, failure: KeyFailure): void {
    this.end(request, `failed ${failure.class}`);
  }
  forgotten(proxy: Proxy<Request>): void {
    expect(proxy.state).toBe('removed');
  }
  demandChanged(): void {
    // Level-triggered: what matters is read from the core when it is sent.
  }
  busied(): void {
    // As above.
  }
  freed(proxy: Proxy<Request>): void {
    expect(proxy.isBusy).toBe(false);
  }
  drained(containerId: string): void {
    this.report(containerId, 'drained');
  }
  kept(containerId: string): void {
    expect(this.balancer.warm.find(containerId)?.isBusy).toBe(true);
  }
  removed(proxy: Proxy<Request>): void {
    this.report(proxy.container.id, 'removed');
  }

  // ---- what can happen ----
  submit(key: string, origin: Origin = 'client'): void {
    const request = new Request(key, this.now, 200, origin);
    const [waiting, inFlight] = [this.balancer.overflow.length, this.balancer.warm.runsOf(key)?.running];
    if (this.balancer.submit(request, this.now)) return void this.requests.push(request);
    expect([this.balancer.overflow.length, this.balancer.warm.runsOf(key)?.running]).toEqual([waiting, inFlight]);
    if (origin !== 'peer')
      expect(this.balancer.overflow.lengthOf(key) === 6 || this.balancer.overflow.length === 10).toBe(true);
  }
  grant(key: string, start: 'uninitialised' | 'initialised' | 'suspended', node: string): void {
    const id = `c${++this.containers}`;
    const container = {
      id,
      grantId: `1.${this.containers}`,
      actionKey: key,
      nodeId: node,
      agentUrl: node,
      address: 'a:1',
      kind: 'nodejs:20',
      memoryMb: 256,
    };
    this.balancer.granted({ ...container, concurrency: this.concurrency }, start, this.now);
    const proxy = this.balancer.warm.find(id);
    if (start === 'suspended' && proxy) this.frozen.add(proxy);
  }
  answer(index: number, outcome: number): void {
    const [asked] = this.asked.splice(index % Math.max(1, this.asked.length), 1);
    if (!asked) return;
    const { proxy, sequence, request, verb } = asked;
    if (verb === 'suspend') {
      this.frozen.add(proxy);
      this.balancer.suspendEnded(proxy, sequence, (['ok', 'ok', 'unknown', 'gone'] as const)[outcome % 4]!, this.now);
    } else if (verb === 'resume') {
      const isOk = outcome % 4 !== 0;
      if (isOk) this.frozen.delete(proxy);
      this.balancer.resumeEnded(proxy, sequence, isOk ? 'ok' : 'failed', this.now);
    } else if (outcome % 4 !== 0) {
      this.balancer.initialised(proxy, request!, this.now);
    } else {
      this.end(request!, 'init failed');
      const failure: KeyFailure = { class: outcome % 8 === 0 ? 'developer' : 'whisk', result: '{"error":"x"}' };
      this.balancer.initFailed(proxy, request!, failure, this.now);
    }
  }
  finish(index: number, outcome: number): void {
    const running = this.requests.filter(({ runningIn }) => runningIn);
    const request = running[index % Math.max(1, running.length)];
    if (!request) return;
    const proxy = request.runningIn!;
    request.runningIn = undefined;
    if (outcome % 6 === 0) {
      this.balancer.rescheduled(proxy, request, this.now);
      return;
    }
    this.end(request, 'ran');
    this.balancer.runEnded(proxy, request, outcome % 6 !== 1, true, this.now);
  }
  hint(key: string, free: number, address: string): void {
    const waiting = this.balancer.overflow.waiters(key);
    const room = Math.min(free, 2 - this.forwarded(address).length);
    const wasRefused = waiting.some(({ forward }) => forward === 'refused');
    const chosen = this.balancer.hinted(key, address, free);
    const wanted = waiting.filter(({ origin }) => origin === 'client').slice(0, wasRefused ? 0 : Math.max(0, room));
    expect(chosen).toEqual(wanted);
    for (const request of chosen) request.address = address;
  }
  peerAnswers(index: number, end: ForwardEnd): void {
    const forwarded = this.forwarded();
    const request = forwarded[index % Math.max(1, forwarded.length)];
    if (!request) return;
    const address = request.address!;
    request.address = undefined;
    if (end !== 'refused') this.end(request, end);
    this.balancer.forwardEnded(request, address, end, this.now);
  }
  pass(ms: number): void {
    this.now += ms;
    this.balancer.tick(this.now);
  }
  renew(isRefused: boolean): void {
    for (const node of this.balancer.leases.due(this.now)) {
      if (isRefused) this.balancer.leases.failed(node, 'other', this.now);
      else this.balancer.leaseRenewed(node, this.listed(node.nodeId), this.now);
    }
  }
  tell(what: number, index: number): void {
    const proxies = [...this.balancer.warm.all()];
    const proxy = proxies[index % Math.max(1, proxies.length)];
    if (!proxy) return;
    const { id, grantId } = proxy.container;
    if (what === 0) this.balancer.reclaim(id, grantId);
    else if (what === 1) this.balancer.retire(id, grantId);
    else this.balancer.gone(id, grantId, 'test', this.now);
  }

  check(): void {
    const { overflow, warm } = this.balancer;
    const waiting = this.requests.filter((request) => request.overflow === 'waiting');
    expect(overflow.length).toBe(waiting.length);
    for (const { ended, runningIn, address, origin } of waiting) {
      expect([ended, runningIn, address]).toEqual([undefined, undefined, undefined]);
      expect(origin).not.toBe('peer');
    }
    for (const { forward, origin, ended, runningIn } of this.forwarded()) {
      expect([forward, origin, ended, runningIn]).toEqual(['under way', 'client', undefined, undefined]);
    }
    expect(this.balancer.forwarding.underWayCount).toBe(this.forwarded().length);
    for (const proxy of warm.all()) {
      expect(proxy.inFlight).toBeLessThanOrEqual(this.concurrency);
      if (proxy.canReserve()) expect(overflow.lengthOf(proxy.container.actionKey)).toBe(0);
    }
  }

  /** Everything that is under way comes to its end. */
  settle(): void {
    for (let round = 0; round < 200; round++) {
      this.renew(false);
      while (this.asked.length > 0) this.answer(0, 1);
      while (this.forwarded().length > 0) this.peerAnswers(0, 'refused');
      while (this.requests.some(({ runningIn }) => runningIn)) this.finish(0, 2);
      this.pass(20);
    }
    while (this.asked.length > 0) this.answer(0, 1);
    for (const request of this.requests) expect(request.ended).toBeDefined();
    expect(this.balancer.overflow.length).toBe(0);
  }

  private forwarded(address?: string): Request[] {
    return this.requests.filter(
      (request) => request.address !== undefined && (address === undefined || request.address === address),
    );
  }
  private running(proxy: Proxy<Request>): Request[] {
    return this.requests.filter(({ runningIn }) => runningIn === proxy);
  }
  private mustBeLeased(proxy: Proxy<Request>): void {
    expect(this.balancer.leases.lives(proxy.node!, this.now)).toBe(true);
  }
  private listed(nodeId: string): Map<string, string> {
    const own = [...this.balancer.warm.all()].filter(({ container }) => container.nodeId === nodeId);
    return new Map(own.map(({ container }) => [container.id, container.grantId]));
  }
  private end(request: Request, how: string): void {
    expect(request.ended).toBeUndefined();
    request.ended = how;
  }
  private report(containerId: string, what: string): void {
    expect(this.reported.get(containerId)).toBeUndefined();
    this.reported.set(containerId, what);
  }
}
