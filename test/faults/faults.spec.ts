// What each fault costs, in short: real schedulers, controllers, agents and a real Redis, with a lease of 1 s, under steady load from a client
// that keeps its history. No call fails that was not under way in what was killed, and every activation id has exactly one record. How long
// the gaps are is measured by the long form (faults.long.ts), where the machine has nothing else to do.
import type { Call } from '../support/open-loop';
import { figuresOf } from './figures';
import { failures, LoadedCluster, type Report } from './loaded-cluster';
import {
  flushRedis,
  freezeLeader,
  freezeRedis,
  kill,
  killAgent,
  killLeader,
  killRedis,
  ProxiedController,
} from './faults';

// A machine with other things to do takes its time.
jest.setTimeout(120_000);

let loaded: LoadedCluster;
beforeAll(async () => {
  loaded = await LoadedCluster.start({ LIMIT_LEADER_LEASE_MS: '1000' });
});
afterAll(() => loaded.stop());

async function under(name: string, fault: () => Promise<number | void>): Promise<Report> {
  const report = await loaded.under(fault, 500);
  const { gapWarmMs, gapColdMs, calls, failed, records } = figuresOf(name, report);
  process.stdout.write(
    `      ${name}: gap ${gapWarmMs} ms warm, ${gapColdMs} ms cold; ${failed} of ${calls} calls failed, ${records} records\n`,
  );
  expect(report.warm.length).toBeGreaterThan(40);
  return report;
}

const texts = (calls: readonly Call[]): (string | undefined)[] => calls.map(({ failure }) => failure);

/** A process that is killed takes connections for some milliseconds more. */
const dyingMs = 250;

/** Fails unless all that failed was under way when the fault began. */
function expectOnlyUnderWay(report: Report): void {
  const others = failures(report).filter(({ intendedMs }) => intendedMs > report.begunMs + dyingMs);
  expect(texts(others)).toEqual([]);
}

it.each<[string, () => Promise<number | void>]>([
  ['kill -9 of the leader', () => killLeader(loaded)],
  ['SIGSTOP of the leader for longer than its lease', () => freezeLeader(loaded)],
  ['kill -9 of Redis, which keeps its data', () => killRedis(loaded, 'data')],
  ['kill -9 of Redis, which loses its data', () => killRedis(loaded, 'nothing')],
  ['FLUSHALL', () => flushRedis(loaded)],
  ['SIGSTOP of Redis', () => freezeRedis(loaded)],
  ['SIGTERM of the leader', () => killLeader(loaded, 'SIGTERM')],
  ['SIGTERM of a controller', () => kill(loaded, 'controller1', 'SIGTERM')],
  ['SIGTERM of an agent', () => kill(loaded, 'agent1', 'SIGTERM')],
])('%s: no call fails', async (name, fault) => {
  expect(texts(failures(await under(name, fault)))).toEqual([]);
});

it('kill -9 of a controller: what was not under way in it does not fail', async () => {
  expectOnlyUnderWay(await under('kill -9 of a controller', () => kill(loaded, 'controller1')));
});

it('kill -9 of an agent: what was not running on its node does not fail', async () => {
  expectOnlyUnderWay(await under('kill -9 of an agent', () => killAgent(loaded, 'agent1')));
});

describe('a controller that loses its share-states connection', () => {
  let proxied: ProxiedController;
  let hosts: readonly string[];
  beforeAll(async () => {
    ({ hosts } = loaded);
    proxied = await ProxiedController.start(loaded);
    loaded.hosts = [proxied.controller.apiHost, loaded.cluster.apiHost(0)];
  });
  afterAll(async () => {
    loaded.hosts = hosts;
    await proxied.stop();
  });

  it.each([
    ['cut', 1_500],
    ['silence', 4_000],
  ] as const)('by a %s of %i ms: no call fails', async (how, ms) => {
    const report = await under(`share-states, ${how} for ${ms} ms`, () => proxied.lose(how, ms));
    expect(texts(failures(report))).toEqual([]);
  });
});
