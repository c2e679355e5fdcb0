// A thousand containers that live for one request each, on the real platform with the process driver: all are counted in, all are counted out, and nothing is left.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';
import { WorkloadDesk } from '../support/workload-command';

const desk = new WorkloadDesk();
let platform: Platform;
beforeAll(async () => {
  // Twenty-four of them fit at once; what was used goes 2 s after its last use.
  platform = await startPlatform({
    kinds: 'nodejs:20',
    env: { NODE_MEMORY_MB: '3584', LIMIT_IDLE_REMOVAL_MS: '2000', LIMIT_SUSPEND_GRACE_MS: '1000' },
  });
}, 90_000);
afterAll(async () => {
  await platform?.stop();
  desk.clear();
}, 60_000);

/** Containers on the node, by the agent's own count. */
async function containers(): Promise<number> {
  const found = (await platform.metrics('agent')).matchAll(/^hearth_agent_containers\{[^}]*\} (\d+)$/gm);
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** How often the agent did this, by its own count. */
async function operations(name: string): Promise<number> {
  const found = (await platform.metrics('agent')).matchAll(/^hearth_agent_operation_seconds_count\{([^}]*)\} (\d+)$/gm);
  return [...found].reduce(
    (sum, [, labels, count]) => (labels!.includes(`operation="${name}"`) ? sum + Number(count) : sum),
    0,
  );
}

it('all come and all go', async () => {
  const before = {
    created: await operations('create'),
    removed: await operations('remove'),
    stemCells: await containers(),
  };
  const { code, out } = await desk.run([
    'run',
    'thousand-containers',
    '--apihost',
    platform.apiHost,
    '--out',
    desk.out('thousand'),
  ]);
  process.stdout.write(out);
  expect(code).toBe(0);
  const { whole, groups } = desk.result(desk.out('thousand'));
  expect(whole.outcomes).toEqual({ ok: 1_000 });
  expect(whole.containers).toMatchObject({ seen: 1_000, runs: 1_000, reused: 0, runsPerContainerMost: 1 });
  expect(groups.map(({ name, requests }) => [name, requests])).toEqual([['thousand', 1_000]]);
  await until('only stem cells are left', async () => (await containers()) === before.stemCells, 120_000);
  // Stem cells give way to what is asked for and are made again, so there may be more than a thousand; but as many go as come.
  const created = (await operations('create')) - before.created;
  const removed = (await operations('remove')) - before.removed;
  process.stdout.write(`the node made ${created} containers and removed ${removed}\n`);
  expect(created).toBeGreaterThanOrEqual(1_000);
  expect(removed).toBe(created);
  expect((await new Guest(platform).call('GET', 'actions')).text).toBe('[]');
  // Controller, scheduler, agent, the supervisor and stem cells: no process of an action.
  const runtimes = platform.processes().length;
  expect(runtimes).toBeLessThanOrEqual(4 + before.stemCells * 2);
}, 550_000);
