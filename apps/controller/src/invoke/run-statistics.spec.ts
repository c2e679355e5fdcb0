// What is remembered of each action key's runs.
import { RunStatistics } from './run-statistics';

describe('run statistics', () => {
  it('are the mean of the last ten runs that count, and the age of the oldest that goes on', () => {
    const statistics = new RunStatistics<string>();
    expect(statistics.meanMs('k')).toBe(0);
    for (let run = 0; run < 12; run += 1) {
      statistics.started('k', `r${run}`, 0);
      statistics.ended('k', `r${run}`, run < 2 ? 1_000 : 20, true);
    }
    statistics.started('k', 'lost', 0);
    statistics.ended('k', 'lost', 5_000, false);
    expect(statistics.meanMs('k')).toBe(20);
    statistics.started('k', 'first', 100);
    statistics.started('k', 'second', 200);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 350)]).toEqual([2, 250]);
  });

  it('count from when the run itself has begun, and so does its age', () => {
    const statistics = new RunStatistics<string>();
    statistics.started('k', 'first', 0);
    statistics.started('k', 'second', 10);
    statistics.begun('k', 'first', 60);
    statistics.begun('k', 'unknown', 60);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 60)]).toEqual([2, 50]);
    statistics.ended('k', 'first', 63, true);
    expect(statistics.meanMs('k')).toBe(3);
  });

  it('of the oldest keys are forgotten beyond the bound, but never of one that runs', () => {
    const statistics = new RunStatistics<string>(32);
    statistics.started('runs', 'r', 0);
    for (let key = 0; key < 1_000; key += 1) {
      statistics.started(`k${key}`, 'r', 0);
      statistics.ended(`k${key}`, 'r', 10, true);
      const known = Array.from({ length: key + 1 }, (_, each) => statistics.meanMs(`k${each}`)).filter((ms) => ms > 0);
      expect(known.length).toBeLessThanOrEqual(32);
      if (key > 32) expect(known.length).toBeGreaterThanOrEqual(29);
      expect(statistics.meanMs(`k${key}`)).toBe(10);
    }
    expect(statistics.inFlight('runs')).toBe(1);
  });
});
