// What is remembered of each action key's runs.
import { type MeasuredRun, RunStatistics } from './run-statistics';

const newRun = (): MeasuredRun => ({ underWay: undefined });

describe('run statistics', () => {
  it('are the mean of the last ten runs that count, and the age of the oldest that goes on', () => {
    const statistics = new RunStatistics();
    expect(statistics.meanMs('k')).toBe(0);
    for (let run = 0; run < 12; run += 1) {
      const one = newRun();
      statistics.started('k', one, 0);
      statistics.ended(one, run < 2 ? 1_000 : 20, true);
    }
    const lost = newRun();
    statistics.started('k', lost, 0);
    statistics.ended(lost, 5_000, false);
    expect(statistics.meanMs('k')).toBe(20);
    const [first, second, third] = [newRun(), newRun(), newRun()];
    statistics.started('k', first, 100);
    statistics.started('k', second, 200);
    statistics.started('k', third, 300);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 350)]).toEqual([3, 250]);
    statistics.ended(second, 350, false);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 350)]).toEqual([2, 250]);
    statistics.ended(first, 350, false);
    statistics.ended(first, 350, false);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 350)]).toEqual([1, 50]);
    statistics.ended(third, 350, false);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 350)]).toEqual([0, 0]);
  });

  it('count from when the run itself has begun, and so does its age', () => {
    const statistics = new RunStatistics();
    const [first, second, unknown] = [newRun(), newRun(), newRun()];
    statistics.started('k', first, 0);
    statistics.started('k', second, 10);
    statistics.begun(first, 60);
    statistics.begun(unknown, 60);
    expect([statistics.inFlight('k'), statistics.oldestRunningMs('k', 60)]).toEqual([2, 50]);
    statistics.ended(first, 63, true);
    expect(statistics.meanMs('k')).toBe(3);
  });

  it('of the oldest keys are forgotten beyond the bound, but never of one that runs', () => {
    const statistics = new RunStatistics(32);
    statistics.started('runs', newRun(), 0);
    for (let key = 0; key < 1_000; key += 1) {
      const run = newRun();
      statistics.started(`k${key}`, run, 0);
      statistics.ended(run, 10, true);
      const known = Array.from({ length: key + 1 }, (_, each) => statistics.meanMs(`k${each}`)).filter((ms) => ms > 0);
      expect(known.length).toBeLessThanOrEqual(32);
      if (key > 32) expect(known.length).toBeGreaterThanOrEqual(29);
      expect(statistics.meanMs(`k${key}`)).toBe(10);
    }
    expect(statistics.inFlight('runs')).toBe(1);
  });
});
