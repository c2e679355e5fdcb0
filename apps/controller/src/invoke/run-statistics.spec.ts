// What is remembered of each action key's runs.
import { type KeyStatistics, meanMs, type MeasuredRun, oldestRunningMs, RunStatistics } from './run-statistics';

const newRun = (): MeasuredRun => ({ underWay: undefined });
const ages = (of: KeyStatistics, now: number): [number, number] => [of.running, oldestRunningMs(of, now)];

describe('run statistics', () => {
  it('are the mean of the last ten runs that count, and the age of the oldest that goes on', () => {
    const statistics = new RunStatistics();
    const key = statistics.take('k');
    expect([meanMs(undefined), meanMs(key)]).toEqual([0, 0]);
    for (let run = 0; run < 12; run += 1) {
      const one = newRun();
      statistics.started(key, one, 0);
      statistics.ended(one, run < 2 ? 1_000 : 20, true);
    }
    const lost = newRun();
    statistics.started(key, lost, 0);
    statistics.ended(lost, 5_000, false);
    expect(meanMs(key)).toBe(20);
    const [first, second, third] = [newRun(), newRun(), newRun()];
    statistics.started(key, first, 100);
    statistics.started(key, second, 200);
    statistics.started(key, third, 300);
    expect(ages(key, 350)).toEqual([3, 250]);
    statistics.ended(second, 350, false);
    expect(ages(key, 350)).toEqual([2, 250]);
    statistics.ended(first, 350, false);
    statistics.ended(first, 350, false);
    expect(ages(key, 350)).toEqual([1, 50]);
    statistics.ended(third, 350, false);
    expect(ages(key, 350)).toEqual([0, 0]);
  });

  it('count from when the run itself has begun, and so does its age', () => {
    const statistics = new RunStatistics();
    const key = statistics.take('k');
    const [first, second, unknown] = [newRun(), newRun(), newRun()];
    statistics.started(key, first, 0);
    statistics.started(key, second, 10);
    statistics.begun(first, 60);
    statistics.begun(unknown, 60);
    expect(ages(key, 60)).toEqual([2, 50]);
    statistics.ended(first, 63, true);
    expect(meanMs(key)).toBe(3);
  });

  it('go on where they were when a key has containers again', () => {
    const statistics = new RunStatistics();
    const [run, late] = [newRun(), newRun()];
    const key = statistics.take('k');
    statistics.started(key, run, 0);
    statistics.ended(run, 10, true);
    statistics.started(key, late, 20);
    statistics.rest('k', key);
    expect(statistics.find('k')).toBe(key);
    statistics.ended(late, 40, true);
    expect(meanMs(statistics.take('k'))).toBe(15);
    expect(statistics.find('k')).toBeUndefined();
  });

  it('of the keys that have rested for longest are forgotten beyond the bound', () => {
    const statistics = new RunStatistics(32);
    for (let at = 0; at < 1_000; at += 1) {
      statistics.rest(`k${at}`, statistics.take(`k${at}`));
      const known = Array.from({ length: at + 1 }, (_, each) => statistics.find(`k${each}`)).filter(Boolean);
      expect(known.length).toBeLessThanOrEqual(32);
      if (at > 32) expect(known.length).toBeGreaterThanOrEqual(29);
      expect(statistics.find(`k${at}`)).toBeDefined();
    }
  });
});
