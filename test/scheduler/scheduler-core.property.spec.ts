// Whatever order things happen in, and whatever fails: memory is never promised twice, nothing has two owners, nothing is removed from
// under its holder, and once faults stop every waiter is served and everything becomes quiet.
import fc from 'fast-check';
import {
  keepAlives,
  placements,
  type PolicyNames,
  prewarms,
  reclaimOrders,
} from '../../apps/scheduler/src/core/policies';
import { SmallWorld } from './small-world';

const steps = (maxLength: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: 22 }), fc.nat(10_000)), { maxLength, size: 'max' });

const names = <K extends string>(named: Readonly<Record<K, unknown>>): K[] => Object.keys(named) as K[];
/** The promises do not depend on what is preferred. */
const policies: fc.Arbitrary<PolicyNames> = fc.record({
  placement: fc.constantFrom(...names(placements)),
  reclaim: fc.constantFrom(...names(reclaimOrders)),
  prewarm: fc.constantFrom(...names(prewarms)),
  keepAlive: fc.constantFrom(...names(keepAlives)),
});

const runs = Number(process.env.PROPERTY_RUNS ?? 150);

function play(world: SmallWorld, moves: readonly [number, number][]): void {
  for (const agent of world.agents) world.beat(agent);
  for (const [sort, pick] of moves) {
    world.step(sort, pick);
    world.check();
  }
}

function expectQuiet(world: SmallWorld): void {
  world.calmDown();
  if (world.isQuiet) return;
  const containers = [...world.view.containers.values()].map(
    ({ id, state, note }) => `${id} ${state} ${note?.actionKey ?? ''}`,
  );
  const demands = world.view.sessions.flatMap(({ demands: open }) =>
    [...open.values()].map((demand) => ({ ...demand, session: 0, holds: demand.holds.length })),
  );
  throw new Error(
    `not quiet: ${world.waiters} waiters\n${containers.join('\n')}\n${JSON.stringify(demands)}\n${world.log.slice(-60).join('\n')}`,
  );
}

describe('the scheduler in a small world', () => {
  it('keeps its promises without faults, and everything becomes quiet', () => {
    fc.assert(
      fc.property(steps(300), policies, fc.boolean(), (moves, chosen, isReusing) => {
        const world = new SmallWorld(chosen, isReusing);
        play(
          world,
          moves.filter(([sort]) => sort !== 22),
        );
        expectQuiet(world);
      }),
      { numRuns: runs },
    );
  });

  it('keeps its promises under lost answers, cut streams, restarts of everybody, and changes of leader', () => {
    fc.assert(
      fc.property(steps(400), policies, fc.boolean(), (moves, chosen, isReusing) => {
        const world = new SmallWorld(chosen, isReusing);
        play(world, moves);
        expectQuiet(world);
      }),
      { numRuns: runs },
    );
  });
});
