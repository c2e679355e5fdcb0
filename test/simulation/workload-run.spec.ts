// A workload on a simulated cluster: every way of completion, containers that are killed, what has to be warm, and cores that are shared.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planWorkload, readWorkload, type WorkloadResult } from '#workload';
import { fittedTimings } from './fitted-timings';
import { root } from '../support/platform';
import { usualCluster, WorkloadCluster } from './workload-cluster';

/** Files that workloads name are beside those that come with Hearth. */
const readFile = (name: string): string => readFileSync(join(root, 'workloads', name), 'utf8');

function resultOf(file: string, more: Partial<ConstructorParameters<typeof WorkloadCluster>[1]> = {}): WorkloadResult {
  const { workload, problems } = readWorkload(file);
  if (!workload) throw new Error(JSON.stringify(problems));
  const cluster = new WorkloadCluster(planWorkload(workload, { readFile }), {
    ...usualCluster,
    timings: fittedTimings({}),
    ...more,
  });
  expect(cluster.finish(600_000)).toBe(true);
  const { statistics, elapsedMs } = cluster.run;
  return statistics.toResult({ source: 'simulation', target: 'here', elapsedMs, isPartial: false });
}

const p50 = ({ latency }: { latency: WorkloadResult['whole']['latency'] }): number => latency.percentilesMs!['50']!;

it('has a client wait for a reply, ask for the record, or be called back', () => {
  const { scenarios } = resultOf(`
name: ways
scenarios:
  - &way
    name: blocking
    requests: 60
    arrivals: { poisson: { perSecond: 10 } }
    work: { sleepMs: 20 }
  - { <<: *way, name: polling, completion: polling }
  - { <<: *way, name: callback, completion: callback }`);
  const [blocking, polling, callback] = scenarios;
  for (const one of [blocking!, polling!, callback!]) {
    expect(one.outcomes).toEqual({ ok: 60 });
    expect(one.containers.runs).toBe(60);
  }
  // A record waits 100 ms for others, and is asked for after 20, 60, 140 ms and so on.
  expect(p50(blocking!)).toBeLessThan(25);
  expect(p50(callback!)).toBeLessThan(40);
  expect(p50(polling!)).toBeGreaterThan(120);
  expect(p50(polling!)).toBeLessThan(200);
});

it.each(['blocking', 'polling'])('ends containers in the middle, with %s completion', (completion) => {
  const { whole } = resultOf(`
name: killed
scenarios:
  - name: killed
    requests: 200
    completion: ${completion}
    kill: { share: 0.2 }
    arrivals: { poisson: { perSecond: 5 } }
    work: { sleepMs: 20 }`);
  const { killed = 0, ok = 0, ...others } = whole.outcomes;
  expect(others).toEqual({});
  expect(killed + ok).toBe(200);
  expect(killed).toBeGreaterThan(20);
  expect(killed).toBeLessThan(60);
  // Who is killed says nothing; but what came after needed another container.
  expect(whole.containers.seen).toBeGreaterThan(killed / 2);
});

it('warms up what has to be warm, and lets rest what has to be suspended', () => {
  const { scenarios } = resultOf(`
name: starts
order: sequence
scenarios:
  - { name: warm, start: warm, requests: 100, arrivals: { closed: { users: 3 } } }
  - { name: suspended, start: suspended, requests: 4, actions: { count: 2 }, arrivals: { constant: { perSecond: 0.1 } } }`);
  expect(scenarios[0]!.starts.warm!.count).toBeGreaterThan(90);
  expect(scenarios[1]!.starts.suspended!.count).toBe(4);
});

const readyMade = readdirSync(join(root, 'workloads')).filter((name) => name.endsWith('.yaml'));

it.each(readyMade)(
  'runs %s as it comes with Hearth',
  (name) => {
    const text = readFileSync(join(root, 'workloads', name), 'utf8');
    const { whole } = resultOf(text, { nodeMemoryMb: 5_120 });
    const { ok = 0, killed = 0, ...others } = whole.outcomes;
    expect(others).toEqual({});
    expect(ok + killed).toBe(whole.requests);
    expect(ok).toBeGreaterThan(40);
  },
  120_000,
);

it('shares the cores of a node where it is told how busy things keep them', () => {
  const burst = `
name: burst
scenarios:
  - { name: burst, start: cold, requests: 8, arrivals: { bursts: { size: 8, everyMs: 1000 } } }`;
  const times = { create: [50], init: [10] };
  const all = { create: 1, remove: 1, freeze: 1, init: 1, run: 1, way: 0, hop: 0 };
  const alone = resultOf(burst, { timings: fittedTimings(times) });
  const shared = resultOf(burst, { timings: fittedTimings(times, { cores: 1, ...all }) });
  const [fast, slow] = [alone.whole.latency.maxMs!, shared.whole.latency.maxMs!];
  // Four are made at a time; on one core all eight cost 400 ms, however they are ordered.
  expect(fast).toBeLessThan(200);
  expect(slow).toBeGreaterThan(400);
});
