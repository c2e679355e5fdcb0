// The load balancer against random interleavings of everything that can reach it; the world checks after every step.
import fc from 'fast-check';
import { World } from './load-balancer-under-test';
import { meanMs } from './run-statistics';

const key = fc.constantFrom('a', 'b');
const number = fc.nat({ max: 97 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(key, fc.constantFrom('client' as const, 'client' as const, 'queue' as const, 'peer' as const))
      .map(
        ([value, origin]) =>
          (world: World) =>
            world.submit(value, origin),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(key, fc.nat({ max: 3 }), fc.constantFrom('p1:1', 'p2:1')).map(
      ([value, free, address]) =>
        (world: World) =>
          world.hint(value, free, address),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(number, fc.constantFrom('kept' as const, 'refused' as const, 'lost' as const)).map(
      ([index, end]) =>
        (world: World) =>
          world.peerAnswers(index, end),
    ),
  },
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

  it('runs nothing after an init that took longer than the use lease, before the agent has confirmed the container', () => {
    const world = new World(1);
    world.submit('a');
    world.grant('a', 'uninitialised', 'n1');
    world.renew(false);
    world.now += 151;
    world.answer(0, 1);
    expect(world.requests[0]!.runningIn).toBeUndefined();
    world.renew(false);
    expect(world.requests[0]!.runningIn).toBeDefined();
  });

  it.each(['uninitialised', 'suspended'] as const)('counts only the run of what began in a container %s', (start) => {
    const world = new World(1);
    world.submit('a');
    world.grant('a', start, 'n1');
    world.renew(false);
    world.now += 50;
    world.answer(0, 1);
    world.now += 3;
    world.finish(0, 2);
    expect(world.requests[0]!.ended).toBe('ran');
    expect(meanMs(world.balancer.warm.runsOf('a'))).toBe(3);
  });

  it('takes an answer of its agent that came later than the lease that it grants for no lease', () => {
    const world = new World(1);
    world.grant('a', 'initialised', 'n1');
    world.submit('a');
    const [node] = world.balancer.leases.due(world.now);
    world.now += 151;
    world.balancer.leaseRenewed(node!, new Map([['c1', '1.1']]), world.now);
    expect(world.requests[0]!.runningIn).toBeUndefined();
    world.renew(false);
    expect(world.requests[0]!.runningIn).toBeDefined();
  });

  it('drops a container that its agent does not list, also when it was granted in the step in which the agent was asked', () => {
    const world = new World(1);
    world.submit('a');
    world.grant('a', 'initialised', 'n1');
    const [node] = world.balancer.leases.due(world.now);
    world.now += 1;
    world.balancer.leaseRenewed(node!, new Map(), world.now);
    expect(world.balancer.warm.size).toBe(0);
    expect(world.requests[0]).toMatchObject({ overflow: 'waiting', runningIn: undefined });
  });

  it('runs nothing in another that it does not list when it drops the first: both are gone', () => {
    const world = new World(1);
    world.grant('a', 'initialised', 'n1');
    world.submit('a');
    world.grant('a', 'initialised', 'n1');
    const [node] = world.balancer.leases.due(world.now);
    world.now += 1;
    world.balancer.leaseRenewed(node!, new Map(), world.now);
    expect(world.balancer.warm.size).toBe(0);
    expect(world.requests[0]).toMatchObject({ overflow: 'waiting', runningIn: undefined });
  });

  it('gives a container without code back when nobody waits any more', () => {
    const world = new World(1);
    world.grant('a', 'uninitialised', 'n1');
    expect(world.reported.get('c1')).toBe('drained');
  });

  it('forgets the facts of a key that nobody waits for and that owns nothing', () => {
    const world = new World(1);
    world.submit('a');
    expect(world.balancer.factsOf('a')).toBeDefined();
    world.pass(201);
    expect(world.balancer.factsOf('a')).toBeUndefined();
  });

  it('refuses when the queue of the key is full, and changes nothing', () => {
    const world = new World(1);
    for (let i = 0; i < 7; i++) world.submit('a');
    expect(world.requests).toHaveLength(6);
  });
});
