import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Setting } from './environment';
import { planCluster, splitRange } from './plan-cluster';
import { findProgram, withoutPassword } from './private-redis';

const settings = JSON.parse(readFileSync('bin/settings.json', 'utf8')) as Setting[];

describe('plan of a cluster', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-plan-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const plan = (env: Record<string, string>): ReturnType<typeof planCluster> =>
    planCluster('/root', directory, settings, { HEARTH_PORTS: 'free', KINDS: 'nodejs:20', PATH: '/bin', ...env });

  it('gives each instance a name, listeners, ports and memory of its own, and all the same cluster', async () => {
    const { programs, listeners, agentUrls, apiHost } = await plan({
      REDIS_URL: 'redis://:secret@r.example:6379/2',
      CLUSTER_SCHEDULERS: '3',
      CLUSTER_AGENTS: '2',
    });
    expect(programs.map(({ name }) => name)).toEqual(
      ['controller0', 'controller1', 'scheduler0', 'scheduler1', 'scheduler2', 'agent0', 'agent1'], // in stop order
    );
    expect(new Set(Object.values(listeners)).size).toBe(Object.keys(listeners).length);
    const of = (app: string): Readonly<Record<string, string>>[] =>
      programs.filter(({ name }) => name.startsWith(app)).map(({ env }) => env);
    expect(of('scheduler').map(({ SCHEDULER_ID }) => SCHEDULER_ID)).toEqual(['scheduler0', 'scheduler1', 'scheduler2']);
    const schedulers = of('scheduler').map(({ SCHEDULER_LISTEN }) => SCHEDULER_LISTEN);
    for (const env of [...of('controller'), ...of('agent')]) expect(env.SCHEDULERS).toBe(schedulers.join(','));
    for (const env of of('scheduler'))
      expect(env).toMatchObject({ LEADER_LOCK: 'redis', REDIS_URL: expect.stringContaining('secret') });
    expect(new Set(programs.map(({ env }) => env.CLUSTER_SECRET)).size).toBe(1);
    const agents = of('agent');
    expect(agents.map(({ AGENT_URL }) => AGENT_URL)).toEqual(agentUrls);
    expect(agents.map(({ NODE_MEMORY_MB }) => NODE_MEMORY_MB)[0]).toMatch(/^\d+$/);
    expect(new Set(agents.map(({ CONTAINER_PORTS }) => CONTAINER_PORTS)).size).toBe(2);
    expect(`http://${of('controller')[0]!.API_LISTEN}`).toBe(apiHost);
  });

  it('tells agents, which start other people’s code, nothing of Redis and admin', async () => {
    const { programs } = await plan({ REDIS_URL: 'redis://:secret@r.example:6379' });
    for (const { name, env } of programs) {
      expect([name, 'REDIS_URL' in env]).toEqual([name, !name.startsWith('agent')]);
      expect([name, 'ADMIN_TOKEN' in env]).toEqual([name, name.startsWith('scheduler')]);
    }
  });

  it('brings a Redis of its own where none is given, and prints no password', async () => {
    writeFileSync(join(directory, 'redis-server'), '', { mode: 0o755 });
    const own = await plan({ PATH: directory });
    expect(own.programs.map(({ name }) => name)).toContain('redis');
    const [, password] = /:([0-9a-f]{48})@/.exec(
      own.programs.find(({ name }) => name === 'scheduler0')!.env.REDIS_URL!,
    )!;
    expect(JSON.stringify([own.more, own.listeners])).not.toContain(password);
    const given = await plan({ REDIS_URL: 'redis://me:hidden@r.example:6379' });
    expect(given.programs.map(({ name }) => name)).not.toContain('redis');
    expect(JSON.stringify(given.more)).not.toContain('hidden');
  });

  it('refuses what could hold for one instance only', async () => {
    await expect(plan({ NODE_ID: 'mine', LEADER_LOCK: 'local' })).rejects.toThrow(
      'cannot start a cluster here with NODE_ID, LEADER_LOCK: the command chooses it for each instance',
    );
  });

  it('divides ports without overlap', () => {
    expect(splitRange('17000-18999', 2)).toEqual(['17000-17999', '18000-18999']);
    expect(splitRange('100-109', 3)).toEqual(['100-102', '103-105', '106-108']);
  });

  it('finds programs on the PATH, executable ones only', () => {
    writeFileSync(join(directory, 'redis-server'), '', { mode: 0o644 });
    expect(findProgram('redis-server', { PATH: directory })).toBeUndefined();
    expect(findProgram('sh', { PATH: `${directory}::/bin` })).toBe('/bin/sh');
    expect(findProgram('sh', {})).toBeUndefined();
    expect(withoutPassword('redis://me:pw@h:1/2')).toBe('redis://...@h:1/2');
  });
});
