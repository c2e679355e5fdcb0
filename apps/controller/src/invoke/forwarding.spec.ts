// Forwarding case by case, in the load balancer that it is part of; random interleavings are in load-balancer.spec.ts.
import { World } from './load-balancer-under-test';

describe('forwarding', () => {
  it('forwards the longest waiting clients, as many as are free there, and keeps those whose claim is its own', () => {
    const world = new World(1);
    world.submit('a', 'queue');
    for (let i = 0; i < 3; i++) world.submit('a');
    world.hint('a', 1, 'p1:1');
    expect(world.requests.map(({ forward }) => forward)).toEqual(['not', 'under way', 'not', 'not']);
    expect(world.balancer.overflow.lengthOf('a')).toBe(3);
    world.hint('a', 5, 'p1:1');
    // One connection of two was left.
    expect(world.requests.map(({ forward }) => forward)).toEqual(['not', 'under way', 'under way', 'not']);
  });

  it('puts one that was refused elsewhere at the front, and forwards nobody of its key while it waits', () => {
    const world = new World(1);
    for (let i = 0; i < 3; i++) world.submit('a');
    world.hint('a', 1, 'p1:1');
    world.peerAnswers(0, 'refused');
    expect(world.balancer.overflow.waiters('a')).toEqual(world.requests);
    world.hint('a', 3, 'p2:1');
    expect(world.requests.some(({ forward }) => forward === 'under way')).toBe(false);
    world.grant('a', 'initialised', 'n1');
    world.renew(false);
    expect(world.requests[0]!.runningIn).toBeDefined();
    world.hint('a', 3, 'p2:1');
    expect(world.requests.map(({ forward }) => forward)).toEqual(['refused', 'under way', 'under way']);
  });

  it('takes from another controller only what runs at once, and lets it wait for nothing', () => {
    const world = new World(1);
    world.submit('a', 'peer');
    world.grant('a', 'initialised', 'n1');
    // No use lease yet.
    world.submit('a', 'peer');
    expect(world.requests).toEqual([]);
    world.renew(false);
    world.submit('a', 'peer');
    expect(world.requests[0]!.runningIn).toBeDefined();
    world.submit('a', 'peer');
    expect(world.requests).toHaveLength(1);
    // The container took no run after all: the other controller is told so, nothing waits.
    world.finish(0, 0);
    expect([world.requests[0]!.ended, world.balancer.overflow.length]).toEqual(['expired', 0]);
  });

  it.each(['initialised', 'suspended'] as const)(
    'answers Reclaim of a free container (%s) at once with Drained',
    (start) => {
      const world = new World(1);
      world.grant('a', start, 'n1');
      world.renew(false);
      world.balancer.reclaim('c1', '1.1');
      expect(world.reported.get('c1')).toBe('drained');
      expect(world.balancer.warm.size).toBe(0);
      world.submit('a', 'peer');
      expect(world.requests).toEqual([]);
    },
  );

  it('answers Reclaim with Kept while another controller’s invocation runs in it', () => {
    const world = new World(1);
    world.grant('a', 'initialised', 'n1');
    world.renew(false);
    world.submit('a', 'peer');
    world.balancer.reclaim('c1', '1.1');
    expect(world.reported.get('c1')).toBeUndefined();
    world.finish(0, 2);
    world.balancer.reclaim('c1', '1.1');
    expect(world.reported.get('c1')).toBe('drained');
  });
});
