// How long things take, fitted to what `bench:agent --json` or `bench:reality --json` measured of a container driver: each is log-normal with the median
// and the spread of what was measured. Without a measurement, the process driver of a machine with two cores.
import type { BusyShares, DrawMs, Timings } from './timings';

/** Milliseconds, as they were measured, by what the bench calls them. */
export type MeasuredTimes = Partial<
  Readonly<
    Record<
      'create' | 'remove' | 'suspend' | 'resume' | 'init' | 'firstRun' | 'run' | 'platform' | 'hop',
      readonly number[]
    >
  >
>;

/** What was measured of a machine. */
export interface Measured {
  readonly times: MeasuredTimes;
  readonly busy?: BusyShares;
}

/** Of the figures in docs/benchmarks.md. */
export const usualTimes = {
  create: [48, 52, 60],
  remove: [7, 8, 10],
  suspend: [0.25, 0.3, 0.4],
  resume: [0.25, 0.3, 0.4],
  init: [7, 9, 13],
  run: [0.2, 0.3, 0.6],
  platform: [0.2, 0.3, 0.5],
} as const satisfies MeasuredTimes;

function fitted(measured: readonly number[]): DrawMs {
  const logs = measured
    .filter((ms) => ms > 0)
    .map(Math.log)
    .sort((a, b) => a - b);
  if (logs.length === 0) return () => 0;
  const quantile = (share: number): number => logs[Math.min(logs.length - 1, Math.floor(share * logs.length))]!;
  const median = quantile(0.5);
  // Of the middle 80 %: one that was disturbed says nothing of the others.
  const sigma = Math.max(0, (quantile(0.9) - quantile(0.1)) / (2 * 1.2816));
  const most = logs[logs.length - 1]!;
  return (chance) => {
    const normal = Math.sqrt(-2 * Math.log(1 - chance.random())) * Math.cos(2 * Math.PI * chance.random());
    return Math.exp(Math.min(median + sigma * normal, most));
  };
}

/** `busy`: cores are shared; without, nobody disturbs anybody. */
export function fittedTimings(measured: MeasuredTimes, busy?: BusyShares): Timings {
  const of = (name: keyof typeof usualTimes): DrawMs =>
    fitted(measured[name]?.length ? measured[name] : usualTimes[name]);
  const [createMs, removeMs, suspendMs, initMs, runMs, platformMs] = (
    ['create', 'remove', 'suspend', 'init', 'run', 'platform'] as const
  ).map(of) as [DrawMs, DrawMs, DrawMs, DrawMs, DrawMs, DrawMs];
  return {
    slowShare: 0,
    createMs,
    removeMs,
    freezeMs: suspendMs,
    initMs,
    runMs,
    codeMs: () => 0.1,
    inMs: (chance) => platformMs(chance) / 2,
    outMs: (chance) => platformMs(chance) / 2,
    hopMs: measured.hop?.length ? fitted(measured.hop) : (chance) => chance.between(0.2, 0.8),
    recordMs: () => 100,
    ...(measured.firstRun?.length && { firstRunMs: fitted(measured.firstRun) }),
    ...(busy && { busy }),
  };
}

/** What the JSON file of `bench:agent` says of one driver, or that of `bench:reality` of its machine. Throws one sentence. */
export function measuredOfBench(text: string, driver: string): Measured {
  const document = JSON.parse(text) as {
    measured?: Record<string, { times?: Record<string, number[]> }>;
    times?: MeasuredTimes;
    busy?: BusyShares;
  };
  if (document.times) return { times: document.times, ...(document.busy && { busy: document.busy }) };
  const times = document.measured?.[driver]?.times;
  const known = Object.keys(document.measured ?? {}).join(', ') || 'none';
  if (!times) throw new Error(`the bench has nothing of the driver "${driver}", only of ${known}.`);
  const { create = [], remove = [], suspend = [], resume = [], prewarmed = [] } = times;
  // Bind, init and first run together: all but a part of a millisecond is the init.
  return { times: { create, remove, suspend, resume, init: prewarmed } };
}
