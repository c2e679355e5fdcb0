// The load balancer against random interleavings of everything that can reach it, with a world that plays containers, agents and scheduler.
//
// After every step: an invocation is waiting, running or ended, and never two of these; nothing runs in a frozen or removed container, or more
// than it takes; nobody waits beside a free slot of his key (no lost wake-up); nothing is dispatched without a use lease.
import fc from 'fast-check';
import { defaultLimits } from '#limits';
import { type DataPathEffects, type KeyFailure, LoadBalancer, type Proxy, type Waiting } from './load-balancer';

class Request implements Waiting {
  overflow: 'out' | 'waiting' = 'out';
  overflowLimitMs = 0;
  ended: string | undefined;
  runningIn: Proxy<Request> | undefined;
  readonly facts = { kind: 'nodejs:20', image: '', memoryMb: 256, concurrency: 2, logLimitMb: 10 };

  constructor(
    readonly key: string,
    readonly acceptedAt: number,
    readonly waitLimitMs: number,
  ) {}
}

interface Asked {
  readonly verb: 'init' | 'suspend' | 'resume';
  readonly proxy: Proxy<Request>;
  readonly request?: Request;
  readonly sequence: number;
}

class World implements DataPathEffects<Request> {
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
    };
    this.balancer = new LoadBalancer(limits, this);
  }

  // ---- effects ----
  init(proxy: Proxy<Request>, request: Request): void {
    this.mustBeLeased(proxy);
    this.asked.push({ verb: 'init', proxy, request, sequence: 0 });
  }
  run(proxy: Proxy<Request>, request: Request): void {
    expect(request.ended).toBeUndefined();
    expect(request.runningIn).toBeUndefined();
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
  submit(key: string): void {
    const request = new Request(key, this.now, 200);
    if (this.balancer.submit(request, this.now)) this.requests.push(request);
    else expect(this.balancer.overflow.lengthOf(key) === 6 || this.balancer.overflow.length === 10).toBe(true);
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
    const proxy = this.balancer.warm.find(id) as Proxy<Request> | undefined;
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
    for (const request of waiting) expect([request.ended, request.runningIn]).toEqual([undefined, undefined]);
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
      while (this.requests.some(({ runningIn }) => runningIn)) this.finish(0, 2);
      this.pass(20);
    }
    while (this.asked.length > 0) this.answer(0, 1);
    for (const request of this.requests) expect(request.ended).toBeDefined();
    expect(this.balancer.overflow.length).toBe(0);
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

const key = fc.constantFrom('a', 'b');
const number = fc.nat({ max: 97 });
const step = fc.oneof(
  { weight: 5, arbitrary: key.map((value) => (world: World) => world.submit(value)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        key,
        fc.constantFrom('uninitialised' as const, 'initialised' as const, 'suspended' as const),
        fc.constantFrom('n1', 'n2'),
      )
      .map(
        ([value, start, node]) =>
          (world: World) =>
            world.grant(value, start, node),
      ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(number, number).map(
      ([index, outcome]) =>
        (world: World) =>
          world.answer(index, outcome),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(number, number).map(
      ([index, outcome]) =>
        (world: World) =>
          world.finish(index, outcome),
    ),
  },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }).map((ms) => (world: World) => world.pass(ms)) },
  { weight: 3, arbitrary: fc.boolean().map((refused) => (world: World) => world.renew(refused)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat({ max: 2 }), number).map(
      ([what, index]) =>
        (world: World) =>
          world.tell(what, index),
    ),
  },
);

describe('load balancer', () => {
  it('ends every invocation once and loses no wake-up, over random interleavings', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 }), fc.array(step, { maxLength: 120 }), (concurrency, steps) => {
        const world = new World(concurrency);
        for (const act of steps) {
          act(world);
          world.check();
        }
        world.settle();
      }),
      { numRuns: 1_500 },
    );
  });

  it('hands a freed slot to the longest waiter in the same step', () => {
    const world = new World(1);
    world.submit('a');
    world.grant('a', 'initialised', 'n1');
    world.renew(false);
    world.submit('a');
    world.submit('a');
    world.finish(0, 2);
    expect(world.requests.map(({ ended, runningIn }) => ended ?? (runningIn ? 'running' : 'waiting'))).toEqual([
      'ran',
      'running',
      'waiting',
    ]);
  });

  it('answers everyone who waits for a key without an initialised container when the developer broke it', () => {
    const world = new World(1);
    for (let i = 0; i < 4; i++) world.submit('a');
    world.grant('a', 'uninitialised', 'n1');
    world.renew(false);
    world.answer(0, 0);
    expect(world.requests.map(({ ended }) => ended)).toEqual([
      'init failed',
      'failed developer',
      'failed developer',
      'failed developer',
    ]);
  });

  it('gives a container without code back when nobody waits any more', () => {
    const world = new World(1);
    world.grant('a', 'uninitialised', 'n1');
    expect(world.reported.get('c1')).toBe('drained');
  });

  it('refuses when the queue of the key is full, and changes nothing', () => {
    const world = new World(1);
    for (let i = 0; i < 7; i++) world.submit('a');
    expect(world.requests).toHaveLength(6);
  });
});
