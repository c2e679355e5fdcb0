// What of a demand is worth a word to the scheduler.
import { type KeyDemand, nothing, toldDemand } from './told-demand';

const limits = { demandLightMs: 20, turnsPerContainerCount: 4 };
const demand = (changes: Partial<KeyDemand>): KeyDemand => ({
  ...nothing('k'),
  waiting: 3,
  inFlight: 2,
  owned: 2,
  meanDurationMs: 1,
  ...changes,
});

describe('told demand', () => {
  it.each<[string, Partial<KeyDemand>, number]>([
    ['short runs that wait for their turn are none', {}, 0],
    ['nothing is known of the runs', { meanDurationMs: 0 }, 3],
    ['nothing is owned', { owned: 0 }, 3],
    ['so many turns take as long as a container', { meanDurationMs: 8 }, 3],
    ['a wait for one run of 100 ms', { waiting: 1, meanDurationMs: 100 }, 1],
    ['more wait for each container than keep it busy', { waiting: 9 }, 9],
    ['a container that takes several runs counts for several', { waiting: 9, concurrency: 2 }, 0],
    ['somebody has waited for too long', { oldestWaitingMs: 20 }, 3],
    ['a run takes longer than others did', { oldestRunningMs: 20 }, 3],
  ])('%s', (_, changes, waiting) => {
    expect(toldDemand(demand(changes), limits).waiting).toBe(waiting);
  });
});
