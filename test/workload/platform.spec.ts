// The driver against the real platform: every way of completion and of starting, a killed container, and nothing left behind.
import { clientOf } from '../support/client';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';
import { WorkloadDesk } from '../support/workload-command';

const desk = new WorkloadDesk();
let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform({ kinds: 'nodejs:20', env: { LIMIT_SUSPEND_GRACE_MS: '400' } });
}, 90_000);
afterAll(async () => {
  await platform?.stop();
  desk.clear();
}, 60_000);

const run = (file: string, out: string): ReturnType<WorkloadDesk['run']> =>
  desk.run(['run', file, '--apihost', platform.apiHost, '--out', desk.out(out)]);

it('sees in all three ways what ran where, and removes what it made', async () => {
  const file = desk.file(`
name: ways
scenarios:
  - &way
    name: blocking
    requests: 30
    arrivals: { poisson: { perSecond: 15 } }
    work: [{ memoryMb: 4, logLines: 2 }, { sleepMs: 5, parallel: [{ sleepMs: 10 }, { cpuMs: 1 }] }]
  - { <<: *way, name: polling, completion: polling }
  - { <<: *way, name: callback, completion: callback }
  - { <<: *way, name: killed, kill: { share: 0.2 } }`);
  const { code, out, said } = await run(file, 'ways');
  expect([code, out, said]).toEqual([0, expect.any(String), expect.any(String)]);
  const { scenarios, whole } = desk.result(desk.out('ways'));
  const [blocking, polling, callback, killed] = scenarios;
  for (const one of [blocking!, polling!, callback!]) {
    expect(one.outcomes).toEqual({ ok: 30 });
    expect(one.containers.runs).toBe(30);
    // Each container has one first run.
    expect(one.containers.runs - one.containers.reused).toBe(one.containers.seen);
  }
  expect(Object.keys(killed!.outcomes).sort()).toEqual(['killed', 'ok']);
  expect(killed!.outcomes.killed! + killed!.outcomes.ok!).toBe(30);
  expect(whole.doubled).toBe(0);
  expect(await clientOf(platform).actions.list()).toEqual([]);
}, 60_000);

it('tells how containers had started', async () => {
  const file = desk.file(`
name: starts
order: sequence
scenarios:
  - { name: cold, start: cold, requests: 3, arrivals: { closed: { users: 1 } } }
  - { name: prewarmed, start: prewarmed, requests: 1, startAtMs: 1500, arrivals: { closed: { users: 1 } } }
  - { name: suspended, start: suspended, restMs: 1500, requests: 3, arrivals: { constant: { perSecond: 0.6 } } }
  - { name: warm, start: warm, requests: 20, arrivals: { closed: { users: 1 } } }`);
  await run(file, 'starts');
  const { scenarios } = desk.result(desk.out('starts'));
  const counts = scenarios.map(({ starts }) =>
    Object.fromEntries(Object.entries(starts).map(([path, { count }]) => [path, count])),
  );
  expect(counts[0]).toMatchObject({ cold: 3 });
  expect(counts[1]).toMatchObject({ prewarmed: 1 });
  expect(counts[2]).toMatchObject({ suspended: 3 });
  expect(counts[3]!.warm).toBeGreaterThanOrEqual(18);
}, 60_000);

it('leaves no action after Ctrl-C in the middle', async () => {
  const { child, ended } = desk.start(['run', 'one-action', '--apihost', platform.apiHost, '--out', desk.out('part')]);
  await until('its action is there', async () => (await clientOf(platform).actions.list()).length === 1);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(await clientOf(platform).actions.list()).toEqual([]);
}, 60_000);
