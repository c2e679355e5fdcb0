// Every planted bug is found within the seeds that are stated beside it, and nothing is left of it afterwards.
import { plantedBugs } from './planted-bugs';
import { BrokenPromise, simulate } from './simulation';

describe('the simulation finds', () => {
  it.each(plantedBugs.map((bug) => [bug.name, bug] as const))(
    '%s',
    (_name, { plant, what, withinSeeds }) => {
      const takeOut = plant();
      try {
        for (let seed = 1; seed <= withinSeeds; seed += 1) {
          try {
            simulate(seed);
          } catch (error) {
            if (!(error instanceof BrokenPromise)) throw error;
            return;
          }
        }
        throw new Error(`${what}: not found within ${withinSeeds} seeds`);
      } finally {
        takeOut();
      }
    },
    120_000,
  );

  it('nothing once they are taken out', () => {
    for (const { plant } of plantedBugs) plant()();
    for (let seed = 1; seed <= 5; seed += 1) simulate(seed);
  });
});
