import { mergedRequests, planWorkload } from './plan';
import { PlanFailure, type PlannedRequest } from './planned';
import { readWorkload } from './read-workload';
import type { Workload } from './workload-file';

function workloadOf(yaml: string): Workload {
  const { workload, problems } = readWorkload(`name: w\nscenarios:\n${yaml}`);
  if (!workload) throw new Error(JSON.stringify(problems));
  return workload;
}
const open = (yaml: string, readFile?: (name: string) => string, seed?: number): PlannedRequest[] => [
  ...planWorkload(workloadOf(yaml), { seed, ...(readFile && { readFile }) }).scenarios[0]!.open!(),
];
const gaps = (requests: readonly PlannedRequest[]): number[] =>
  requests.slice(1).map(({ atMs }, at) => atMs - requests[at]!.atMs);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const cvOf = (values: readonly number[]): number => {
  const average = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - average) ** 2))) / average;
};
const isOrdered = (requests: readonly PlannedRequest[]): boolean => gaps(requests).every((gap) => gap >= 0);

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    const yaml = `
  - { name: a, requests: 500, actions: { count: 9, popularity: { zipf: 1 } }, arrivals: { poisson: { perSecond: 9 } }, work: { sleepMs: { exponential: { mean: 5 } } } }`;
    expect(open(yaml)).toEqual(open(yaml));
    expect(open(yaml, undefined, 2)).not.toEqual(open(yaml));
  });

  it('does not change with another scenario beside it', () => {
    const one = `
  - { name: a, requests: 50, arrivals: { poisson: { perSecond: 9 } } }`;
    const two = `${one}
  - { name: b, requests: 50, arrivals: { poisson: { perSecond: 9 } } }`;
    expect(open(two)).toEqual(open(one));
  });

  it('keeps to rate and variation: constant, Poisson, on and off', () => {
    const of = (arrivals: string): PlannedRequest[] =>
      open(`
  - { name: a, requests: 200000, arrivals: { ${arrivals} } }`);
    expect(gaps(of('constant: { perSecond: 250 }').slice(0, 100)).every((gap) => Math.abs(gap - 4) < 1e-6)).toBe(true);
    const poisson = gaps(of('poisson: { perSecond: 100 }'));
    expect(mean(poisson)).toBeCloseTo(10, 0);
    expect(cvOf(poisson)).toBeCloseTo(1, 1);
    const onOff = gaps(of('onOff: { perSecond: 100, cv: 5, onShare: 0.1 }'));
    expect(Math.abs(mean(onOff) - 10)).toBeLessThan(0.7);
    expect(Math.abs(cvOf(onOff) - 5)).toBeLessThan(0.35);
  });

  it('sends bursts, and follows the day', () => {
    const bursts = open(`
  - { name: a, requests: 6, arrivals: { bursts: { size: 3, everyMs: 1000, withinMs: 30 } } }`);
    expect(bursts.map(({ atMs }) => atMs)).toEqual([0, 10, 20, 1000, 1010, 1020]);
    const day = open(`
  - { name: a, durationMs: 10000, arrivals: { diurnal: { perSecond: 2000, base: 0.2, periodMs: 10000 } } }`);
    const within = (from: number, to: number): number => day.filter(({ atMs }) => atMs >= from && atMs < to).length;
    expect(within(4_500, 5_500) / within(0, 500) / 2).toBeGreaterThan(4);
    expect(isOrdered(day)).toBe(true);
  });

  it('chooses actions as popular as they are said to be', () => {
    const counts = [0, 0, 0, 0];
    for (const { action } of open(`
  - { name: a, requests: 60000, actions: { count: 4, popularity: { zipf: 1 } }, arrivals: { constant: { perSecond: 9 } } }`))
      counts[action]! += 1;
    // 1, 1/2, 1/3, 1/4 of their sum, 25/12.
    for (const [rank, count] of counts.entries()) expect(count / 60_000).toBeCloseTo(12 / 25 / (rank + 1), 2);
  });

  it('gives cold starts an action each', () => {
    const [scenario] = planWorkload(
      workloadOf(`
  - { name: a, requests: 7, start: cold, arrivals: { closed: { users: 3 } } }`),
    ).scenarios;
    const { users, user } = scenario!.closed!;
    const actions = Array.from({ length: users }, (_, at) => [...user(at)].map(({ action }) => action));
    expect(actions).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(scenario!.actions).toHaveLength(7);
    expect(scenario!.actions[0]!.memoryMb).not.toBe(256);
  });

  it('reads counts per minute, takes the busiest rows, and says what is missing', () => {
    const csv = 'HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,,2\no,a,g,timer,5,5,5\no,b,h,http,9,0\n';
    const yaml = `
  - { name: a, arrivals: { counts: { csv: t.csv, minuteMs: 1000, functions: 2 } } }`;
    const requests = open(yaml, () => csv);
    expect(requests).toHaveLength(24);
    expect(isOrdered(requests)).toBe(true);
    expect(requests.filter(({ action }) => action === 1).map(({ atMs }) => Math.floor(atMs / 1000))).toEqual(
      new Array(9).fill(0),
    );
    expect(planWorkload(workloadOf(yaml), { readFile: () => csv }).scenarios[0]!.remarks).toEqual([
      't.csv has 2 holes (minutes without a count); each counts as 0 invocations, so the load is less than it was there.',
    ]);
    expect(() => open(yaml, () => csv.replace('5,5,5', '5,x,5'))).toThrow(
      new PlanFailure('t.csv:3: minute 2 is "x"; give a whole number'),
    );
    expect(() => open(yaml)).toThrow(PlanFailure);
  });

  it('holds popular functions down to the rate that is wanted in the wild', () => {
    const requests = open(`
  - { name: a, durationMs: 120000, wild: { apps: 60, perSecond: 40 } }`);
    expect(Math.abs(requests.length / 120 - 40)).toBeLessThan(10);
    expect(isOrdered(requests)).toBe(true);
  });

  it('merges scenarios that begin together', () => {
    const { scenarios } = planWorkload(
      workloadOf(`
  - { name: a, requests: 3, arrivals: { constant: { perSecond: 10 } } }
  - { name: b, requests: 3, startAtMs: 50, arrivals: { constant: { perSecond: 10 } } }`),
    );
    expect([...mergedRequests(scenarios)].map(({ atMs, scenario }) => [atMs, scenario])).toEqual([
      [0, 0],
      [50, 1],
      [100, 0],
      [150, 1],
      [200, 0],
      [250, 1],
    ]);
  });
});
