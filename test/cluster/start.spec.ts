// What a user sees of `npm run cluster`: where everything listens, a private Redis, Ctrl-C, and what cannot start.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningRecord } from '#supervisor';
import { Guest } from '../support/guest';
import { guestKey, type HearthRun, runHearth } from '../support/platform';
import { processesUsing } from '../support/processes';
import { until } from '../support/until';

// Seven processes start and stop here, and the machine may have other things to do.
jest.setTimeout(90_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-cluster-start-'));
});
afterEach(() => {
  expect(processesUsing(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

const run = (env: Record<string, string>): HearthRun =>
  runHearth({ HEARTH_DATA_DIR: join(folder, 'data'), KINDS: 'nodejs:20', ...env }, undefined, undefined, 'cluster');

const record = (): RunningRecord =>
  JSON.parse(readFileSync(join(folder, 'data/running.json'), 'utf8')) as RunningRecord;

async function ready({ printed }: HearthRun): Promise<void> {
  await until('the cluster is ready', () => printed().includes('Ctrl-C stops everything.'), 60_000);
}

describe('hearth cluster', () => {
  it('starts two of each over a private Redis, says where they listen, survives its Redis, and leaves nothing', async () => {
    const cluster = run({ HEARTH_PORTS: 'free' });
    try {
      await ready(cluster);
      const text = cluster.printed();
      const { listeners, apps } = record();
      expect(Object.keys(apps).sort()).toEqual(
        ['agent0', 'agent1', 'controller0', 'controller1', 'redis', 'scheduler0', 'scheduler1'],
      ); // prettier-ignore
      for (const address of Object.entries(listeners).filter(([name]) => !name.endsWith('INTERNAL_LISTEN')))
        expect(text).toContain(address[1]);
      expect(statSync(join(folder, 'data/redis/redis.conf')).mode & 0o777).toBe(0o600);
      expect(processesUsing(folder).filter(({ command }) => /requirepass|:[0-9a-f]{48}@/.test(command))).toEqual([]);
      const guests = [0, 1].map(
        (at) => new Guest({ apiHost: `http://${listeners[`controller${at}.API_LISTEN`]}`, apiKey: guestKey }),
      );
      await guests[0]!.putAction('shared', 'function main() { return { ok: true } }');
      const { activationId } = (await guests[1]!.invoke('shared')).json as { activationId: string };
      expect((await guests[0]!.record(activationId)).response.result).toEqual({ ok: true });
      const keeper = apps.redis!.pid;
      process.kill(keeper, 'SIGKILL');
      await until('Redis is kept again', () => record().isReady && record().apps.redis?.pid !== keeper);
      await guests[0]!.putAction('fresh', 'function main() { return { fresh: true } }');
      expect((await guests[0]!.invoke('fresh', {}, 'blocking=true&result=true')).json).toEqual({ fresh: true });
    } finally {
      cluster.child.kill('SIGINT');
      expect(await cluster.ended).toEqual({ code: 0, signal: null });
    }
    expect(cluster.printed()).toContain('hearth: stopping (SIGINT)\n');
  });

  it('takes as many of each as it is told', async () => {
    const cluster = run({
      HEARTH_PORTS: 'free',
      CLUSTER_SCHEDULERS: '1',
      CLUSTER_CONTROLLERS: '1',
      CLUSTER_AGENTS: '3',
    });
    try {
      await ready(cluster);
      expect(Object.keys(record().apps)).toHaveLength(6);
    } finally {
      cluster.child.kill('SIGTERM');
      await cluster.ended;
    }
  });
});

describe('a cluster that cannot start', () => {
  async function outcome(env: Record<string, string>): Promise<[number | null, string]> {
    const { child, ended, printed } = run(env);
    const overdue = setTimeout(() => child.kill('SIGTERM'), 20_000);
    const { code } = await ended;
    clearTimeout(overdue);
    return [code, printed()];
  }

  it('without a Redis and without a redis-server', async () => {
    expect(await outcome({ HEARTH_PORTS: 'free', PATH: folder })).toEqual([
      1,
      'hearth: cannot start a cluster: REDIS_URL is not set and there is no redis-server on the PATH; install it (Debian: apt-get install redis-server), or set REDIS_URL.\n',
    ]);
  });

  it.each([
    [
      { API_LISTEN: '127.0.0.1:1', SCHEDULER_ID: 'mine' },
      'hearth: cannot start a cluster here with API_LISTEN, SCHEDULER_ID: the command chooses it for each instance; unset it, or start the apps one by one.\n',
      1,
    ],
    [
      { LIMIT_LEADER_LEASE_MS: '1000', LIMIT_LEADER_RENEW_MS: '900' },
      'hearth: bad settings. LIMIT_LEADER_RENEW_MS must be at most half of LIMIT_LEADER_LEASE_MS, or one lost renewal ends the leadership.\n',
      78,
    ],
    [{ CLUSTER_AGENTS: '0' }, /^hearth: bad settings\. CLUSTER_AGENTS is "0": [^\n]+\n$/, 78],
  ])('with %j', async (env, text, code) => {
    const [found, printed] = await outcome({ HEARTH_PORTS: 'free', ...env });
    expect(printed).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(found).toBe(code);
  });

  it('on ports that are taken', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', () => resolve(0));
      server.once('listening', () => resolve((server.address() as AddressInfo).port));
      server.listen(3_243, '127.0.0.1');
      setTimeout(() => reject(new Error('no answer')), 5_000).unref();
    });
    const [code, text] = await outcome({ REDIS_URL: 'redis://127.0.0.1:1' });
    server.close();
    expect([0, 3_243]).toContain(port);
    expect(text).toMatch(
      /^hearth: cannot listen on 127\.0\.0\.1:32\d\d, another process does; stop that process, or let HEARTH_PORTS=free pick free ones\.\n$/,
    );
    expect(code).toBe(1);
  });
});
