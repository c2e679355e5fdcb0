// From what was measured of parts to what the simulation is told, and from two results to what is compared. Pure.
//
// Nothing here sees the result of a workload before it is simulated: the durations come from operations that were measured one by one.
import { median, target } from '../figures.mjs';

/** Messages between processes before a cold request runs: demand, creation and its answer, bind and its answer, grant. */
const hopsOfCold = 6;
const leastMs = 0.02;

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
/** The middle of them: one that was disturbed is no property of the operation. */
const usual = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 10);
  return sorted.slice(cut, sorted.length - cut || undefined);
};

/**
 * `agent` and `platform`: as measured; `cores`: of the machine; `sleepMs`: work in each run. What others use of the machine is in the times only.
 * Answers `times` (milliseconds each) and `busy` (which share of each keeps a core busy), as `hearth simulate --agent-bench` reads them.
 */
export function measuredParts({ agent, platform, cores, sleepMs }) {
  const of = (name) => usual(agent[name].times);
  const busyMs = (name) => agent[name].busyMs / agent[name].times.length;
  const beyondSleep = (values) => values.map((ms) => Math.max(leastMs, ms - sleepMs));
  const run = beyondSleep(of('run'));
  const firstRun = beyondSleep(of('firstRun'));
  const way = usual(platform.warm).map((ms) => Math.max(leastMs, ms - sleepMs - median(run)));
  const hop = Math.max(leastMs, (median(platform.coldWait) - median(of('create'))) / hopsOfCold);
  const wayBusyMs = Math.max(0, platform.warmBusyMs - busyMs('run'));
  const hopsBusyMs = platform.coldBusyMs - busyMs('create') - busyMs('init') - busyMs('firstRun') - wayBusyMs;
  const share = (busy, times) => busy / mean(times);
  return {
    times: {
      create: of('create'),
      remove: of('remove'),
      suspend: of('suspend'),
      resume: of('resume'),
      init: of('init'),
      firstRun,
      run,
      platform: way,
      hop: [hop],
    },
    busy: {
      cores: Math.max(0.5, cores - platform.idleShare),
      create: share(busyMs('create'), of('create')),
      remove: share(busyMs('remove'), of('remove')),
      freeze: share(busyMs('suspend') + busyMs('resume'), [mean(of('suspend')) + mean(of('resume'))]),
      init: share(busyMs('init'), of('init')),
      run: Math.min(1, share(busyMs('run'), run)),
      way: Math.min(1, share(wayBusyMs, way)),
      hop: Math.min(1, Math.max(0, hopsBusyMs) / (hopsOfCold * hop)),
    },
  };
}

export function figuresOf({ whole: { requests, outcomes, starts, latency, wait, containers } }) {
  const ok = outcomes.ok ?? 0;
  const count = (path) => starts[path]?.count ?? 0;
  const known = Object.keys(starts).reduce((sum, path) => sum + count(path), 0);
  return {
    requests,
    errors: requests - ok,
    coldPercent: (100 * count('cold')) / known,
    /** What OpenWhisk calls cold: the container had run nothing yet. */
    firstPercent: (100 * (count('cold') + count('prewarmed'))) / known,
    p50Ms: latency.percentilesMs?.['50'] ?? NaN,
    p90Ms: latency.percentilesMs?.['90'] ?? NaN,
    waitP50Ms: wait.percentilesMs?.['50'] ?? NaN,
    containers: containers.seen,
  };
}

/** `rows`: name, real and simulated figures. */
export function targetsOf(rows) {
  return rows.flatMap(({ name, real, simulated }) => [
    target(`reality-${name}-cold`, Math.abs(simulated.coldPercent - real.coldPercent), '<=', 5, ' points'),
    target(`reality-${name}-p50`, 100 * Math.abs(simulated.p50Ms / real.p50Ms - 1), '<=', 25, ' %'),
  ]);
}

const columns = [
  ['requests', ({ requests }) => String(requests)],
  ['errors', ({ errors }) => String(errors)],
  ['cold %', ({ coldPercent }) => coldPercent.toFixed(1)],
  ['cold or prewarmed %', ({ firstPercent }) => firstPercent.toFixed(1)],
  ['p50 ms', ({ p50Ms }) => p50Ms.toFixed(1)],
  ['p90 ms', ({ p90Ms }) => p90Ms.toFixed(1)],
  ['wait p50 ms', ({ waitP50Ms }) => waitP50Ms.toFixed(1)],
  ['containers', ({ containers }) => String(containers)],
];

export function realityTable(rows) {
  const head = ['workload', '', ...columns.map(([name]) => name)];
  const lines = rows.flatMap(({ name, real, simulated }) =>
    Object.entries({ real, simulated }).map(([how, figures]) => [name, how, ...columns.map(([, of]) => of(figures))]),
  );
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at].length)));
  const write = (cells) =>
    cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  ');
  return [write(head), ...lines.map(write)].join('\n');
}
