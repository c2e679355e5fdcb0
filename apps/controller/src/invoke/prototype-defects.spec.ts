// Those of the twelve defects of the 2018 prototype that a controller could have inherited: 1, 2, 3 and 11. The others are the scheduler's
// (apps/scheduler/src/core/prototype-defects.spec.ts); docs/prototype-defects.md lists all of them.
import { World } from './load-balancer-under-test';

/** A world with this many containers of key `a` that are free, with living leases. */
function worldOf(containers: number, concurrency = 1): World {
  const world = new World(concurrency);
  for (let made = 0; made < containers; made += 1) world.grant('a', 'initialised', 'n1');
  world.renew(false);
  return world;
}

const where = (world: World): (string | undefined)[] => world.requests.map(({ runningIn }) => runningIn?.container.id);
const owned = (world: World): string[] => [...world.balancer.warm.all()].map(({ container }) => container.id);

describe('defects of the prototype', () => {
  it('1: a container is picked in one step and marked in another, so that two get it', () => {
    const world = worldOf(2);
    for (let sent = 0; sent < 3; sent += 1) world.submit('a');
    expect(new Set(where(world).slice(0, 2))).toEqual(new Set(['c1', 'c2']));
    expect(world.requests.map(({ overflow }) => overflow)).toEqual(['out', 'out', 'waiting']);
    world.check();
  });

  it('1: a completion writes back what it saw at its start: containers vanish, and dead ones come back', () => {
    const world = worldOf(1);
    world.submit('a');
    world.grant('a', 'initialised', 'n1');
    world.submit('a');
    expect(where(world)).toEqual(['c1', 'c2']);
    // While the first runs, its container is lost; while the second runs, a third comes.
    world.tell(2, 0);
    world.grant('a', 'initialised', 'n1');
    world.finish(0, 2);
    world.finish(0, 2);
    expect(owned(world)).toEqual(['c2', 'c3']);
    world.submit('a');
    world.submit('a');
    expect(new Set(where(world).slice(2))).toEqual(new Set(['c2', 'c3']));
    world.check();
  });

  it('2: a run that fails never gives its place back', () => {
    const world = worldOf(1, 2);
    world.submit('a');
    world.submit('a');
    world.submit('a');
    expect(where(world)).toEqual(['c1', 'c1', undefined]);
    // The container answered with an error and is kept: its place goes to the one who waits.
    world.finish(0, 2);
    expect(where(world)).toEqual([undefined, 'c1', 'c1']);
    world.finish(0, 2);
    world.finish(0, 2);
    expect(world.balancer.warm.runsOf('a')?.running).toBe(0);
    expect(world.balancer.hasFree('a', world.now)).toBe(true);
    world.check();
  });

  it('2: nor does one that costs the container, and nobody waits for it', () => {
    const world = worldOf(1);
    world.submit('a');
    world.submit('a');
    world.finish(0, 1);
    expect([owned(world), world.reported.get('c1'), world.balancer.warm.runsOf('a')?.running]).toEqual([
      [],
      'removed',
      0,
    ]);
    world.grant('a', 'initialised', 'n1');
    world.renew(false);
    expect(where(world)).toEqual([undefined, 'c2']);
    world.check();
  });

  it('3: one who waits is not woken by a container that becomes free', () => {
    const world = worldOf(1);
    world.submit('a');
    world.submit('a');
    world.submit('a');
    world.finish(0, 2);
    expect(where(world)).toEqual([undefined, 'c1', undefined]);
    world.finish(0, 2);
    expect(where(world)).toEqual([undefined, undefined, 'c1']);
  });

  it('11: a container counts as free before its suspend is over, and is run in while it freezes', () => {
    const world = worldOf(1);
    world.pass(20);
    expect(world.asked.map(({ verb }) => verb)).toEqual(['suspend']);
    world.submit('a');
    expect(where(world)).toEqual([undefined]);
    world.answer(0, 0);
    expect([world.asked.map(({ verb }) => verb), where(world)]).toEqual([['resume'], [undefined]]);
    world.answer(0, 1);
    expect(where(world)).toEqual(['c1']);
  });

  it('11: a resume that failed goes on to /run', () => {
    const world = worldOf(1);
    world.pass(20);
    world.answer(0, 0);
    world.submit('a');
    expect(world.asked.map(({ verb }) => verb)).toEqual(['resume']);
    world.answer(0, 0);
    expect([where(world), owned(world), world.reported.get('c1')]).toEqual([[undefined], [], 'removed']);
    expect(world.requests[0]!.overflow).toBe('waiting');
    world.grant('a', 'initialised', 'n1');
    world.renew(false);
    expect(where(world)).toEqual(['c2']);
  });
});
