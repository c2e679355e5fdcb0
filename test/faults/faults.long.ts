// What each fault costs, measured: every fault under load with the default lease of 3 s, and one failover after the other with both leases.
// Prints the table of docs/operations.md. Close what else runs on the machine.
import { cpus } from 'node:os';
import type { Call } from '../support/open-loop';
import {
  failOver,
  flushRedis,
  freezeLeader,
  freezeRedis,
  kill,
  killAgent,
  killLeader,
  killRedis,
  ProxiedController,
} from './faults';
import { type Figures, figuresOf, tableOf } from './figures';
import { failures, LoadedCluster, type Report } from './loaded-cluster';

jest.setTimeout(600_000);

let loaded: LoadedCluster;
const rows: Figures[] = [];

const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const texts = (calls: readonly Call[]): (string | undefined)[] => calls.map(({ failure }) => failure);

async function under(name: string, fault: () => Promise<number | void>): Promise<Report> {
  const report = await loaded.under(fault, 2_000);
  const figures = figuresOf(name, report);
  rows.push(figures);
  say(`      ${JSON.stringify(figures)}`);
  return report;
}

afterAll(() => {
  say(`\n${cpus().length} × ${cpus()[0]?.model}, Node ${process.versions.node}\n\n${tableOf(rows)}\n`);
});

/** A process that is killed takes connections for some milliseconds more. */
const dyingMs = 250;
const underWay = ({ begunMs }: Report, { intendedMs }: Call): boolean => intendedMs <= begunMs + dyingMs;
const pauseMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('with the default lease of 3 s', () => {
  beforeAll(async () => {
    loaded = await LoadedCluster.start();
  });
  afterAll(() => loaded.stop());

  it.each<[string, () => Promise<number | void>]>([
    ['none', () => pauseMs(4_000)],
    ['kill -9 of the leader', () => killLeader(loaded)],
    ['SIGSTOP of the leader, then SIGCONT', () => freezeLeader(loaded)],
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

  it.each<[string, () => Promise<number>]>([
    ['kill -9 of a controller', () => kill(loaded, 'controller1')],
    ['kill -9 of an agent', () => killAgent(loaded, 'agent1')],
  ])('%s: what was not under way does not fail', async (name, fault) => {
    const report = await under(name, fault);
    expect(texts(failures(report).filter((call) => !underWay(report, call)))).toEqual([]);
  });

  it.each([
    ['cut', 4_000],
    ['silence', 8_000],
  ] as const)('share-states, %s for %i ms: no call fails', async (how, ms) => {
    const { hosts } = loaded;
    const proxied = await ProxiedController.start(loaded);
    loaded.hosts = [proxied.controller.apiHost, loaded.cluster.apiHost(0)];
    try {
      const name = how === 'cut' ? 'share-states connection cut for 4 s' : 'share-states connection silent for 8 s';
      expect(texts(failures(await under(name, () => proxied.lose(how, ms))))).toEqual([]);
    } finally {
      loaded.hosts = hosts;
      await proxied.stop();
    }
  });

  it('five failovers: the first new grant comes within the lease + 1 s', () => failOvers(5, 4_000));
});

describe('with a lease of 1 s', () => {
  beforeAll(async () => {
    loaded = await LoadedCluster.start({ LIMIT_LEADER_LEASE_MS: '1000' });
  });
  afterAll(() => loaded.stop());

  it('ten failovers: the first new grant comes within 1.5 s', () => failOvers(10, 1_500));
});

/** From the kill to the first container that the next leader has granted. */
async function failOvers(times: number, withinMs: number): Promise<void> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const report = await loaded.under(async () => void took.push(Math.round(await failOver(loaded))), 500);
    expect(texts(failures(report))).toEqual([]);
  }
  say(`      killed leader to first new grant: ${took.join(', ')} ms`);
  expect(Math.max(...took)).toBeLessThan(withinMs);
}
