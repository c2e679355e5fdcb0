import { type Backlog, desiredCount } from './desired-count';

const thresholds = { backlogClearMs: 100, fairnessMs: 500, demandLightMs: 20, turnsPerContainerCount: 4 };
const backlog = (changes: Partial<Backlog>): Backlog => ({
  waiting: 1,
  inFlight: 0,
  owned: 0,
  concurrency: 1,
  meanDurationMs: 0,
  oldestRunningMs: 0,
  supply: 0,
  roundTarget: 0,
  waitedMs: 0,
  stalledMs: 0,
  ...changes,
});

describe('desired count', () => {
  it.each<[string, Partial<Backlog>, number]>([
    ['one waiter gets one', {}, 1],
    ['100 waiters of 10 ms get 10', { waiting: 100, meanDurationMs: 10 }, 10],
    ['100 waiters of 2 s get 100', { waiting: 100, meanDurationMs: 2_000 }, 100],
    ['creations in progress count', { waiting: 100, meanDurationMs: 10, supply: 8 }, 2],
    ['what the controller owns counts', { waiting: 100, meanDurationMs: 10, owned: 9 }, 1],
    ['running calls count', { waiting: 1, inFlight: 1, owned: 1, meanDurationMs: 100 }, 1],
    ['a short wait for an owned one is worth nothing', { waiting: 1, inFlight: 1, owned: 1, meanDurationMs: 20 }, 0],
    ['never more than the waiters', { waiting: 3, meanDurationMs: 60_000 }, 3],
    ['a container that serves five is five waiters worth', { waiting: 10, concurrency: 5, meanDurationMs: 60_000 }, 2],
    ['unknown mean: two at first', { waiting: 100 }, 2],
    ['unknown mean: no more while the round goes on', { waiting: 100, supply: 2, roundTarget: 2 }, 0],
    ['unknown mean: twice as many after each round', { waiting: 98, inFlight: 2, owned: 2 }, 2],
    ['unknown mean: and again', { waiting: 92, inFlight: 8, owned: 8 }, 8],
    ['unknown mean: a long run is a lower bound', { waiting: 98, inFlight: 2, owned: 2, oldestRunningMs: 500 }, 98],
    ['unknown mean: a run as long as an init is none', { waiting: 98, inFlight: 2, owned: 2, oldestRunningMs: 150 }, 2],
    ['nothing waits', { waiting: 0, meanDurationMs: 60_000 }, 0],
  ])('%s', (_, changes, needed) => {
    expect(desiredCount(backlog(changes), thresholds).needed).toBe(needed);
  });

  it('grows by half on unused memory when calls go on waiting though the owned ones keep up', () => {
    const steady = backlog({ waiting: 12, inFlight: 4, owned: 4, meanDurationMs: 1, waitedMs: 5 });
    expect(desiredCount(steady, thresholds)).toMatchObject({ needed: 0, extra: 0 });
    expect(desiredCount({ ...steady, stalledMs: 100 }, thresholds)).toMatchObject({ needed: 0, extra: 0 });
    const crowded = backlog({ waiting: 15, inFlight: 1, owned: 1, meanDurationMs: 0.2, waitedMs: 3, stalledMs: 100 });
    expect(desiredCount(crowded, thresholds)).toMatchObject({ needed: 0, extra: 1 });
    expect(desiredCount({ ...crowded, waiting: 12, owned: 4 }, thresholds)).toMatchObject({ needed: 0, extra: 0 });
    const waiting = backlog({ waiting: 12, inFlight: 4, owned: 4, meanDurationMs: 20, waitedMs: 60, stalledMs: 100 });
    expect(desiredCount(waiting, thresholds)).toMatchObject({ needed: 0, extra: 2 });
    expect(desiredCount({ ...waiting, waitedMs: 19 }, thresholds)).toMatchObject({ needed: 0, extra: 0 });
    const slow = { ...steady, stalledMs: 100, waitedMs: 100 };
    expect(desiredCount(slow, thresholds)).toMatchObject({ needed: 0, extra: 2 });
    expect(desiredCount({ ...slow, supply: 1 }, thresholds)).toMatchObject({ needed: 0, extra: 0 });
  });

  it('is worth reclaiming for when all owned ones are stuck, whatever the mean was', () => {
    const stuck = backlog({ waiting: 3, inFlight: 4, owned: 4, meanDurationMs: 5, waitedMs: 600, stalledMs: 600 });
    expect(desiredCount(stuck, thresholds)).toMatchObject({ needed: 2, extra: 0 });
  });
});
