// What is done to a loaded cluster, one function each. Every one resolves when the cluster is whole again; what must hold beyond "no call
// fails and every id has one record" is asserted here.
import { epochHeader } from '#protocol';
import type { FoundLeader, Instance } from '../support/cluster';
import { TcpProxy } from '../support/tcp-proxy';
import { pause, until } from '../support/until';
import { ControllerProcess } from '../cluster/controller-process';
import type { LoadedCluster } from './loaded-cluster';

/** `kill -9` or an orderly stop of one app, which the supervisor starts again. Answers when it got the signal. */
export async function kill(
  { cluster }: LoadedCluster,
  instance: Instance,
  signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL',
): Promise<number> {
  const killedMs = performance.now();
  await cluster.restarted(instance, cluster.kill(instance, signal));
  return killedMs;
}

/** `kill -9`, with first calls right after it, some of which would be placed on its node. */
export async function killAgent(loaded: LoadedCluster, instance: Instance): Promise<number> {
  const killedMs = performance.now();
  const killed = loaded.cluster.kill(instance);
  loaded.burst();
  await loaded.cluster.restarted(instance, killed);
  return killedMs;
}

/** Long enough for creations and binds to be under way, and too short for them to be over. */
const underWayMs = 30;

/** In the midst of creations and binds. Answers when it was killed. */
export async function killLeader(loaded: LoadedCluster, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<number> {
  const before = await loaded.leader();
  loaded.burst();
  await pause(underWayMs);
  const killedMs = performance.now();
  const killed = loaded.cluster.kill(before.instance, signal);
  await loaded.nextLeader(before);
  await loaded.cluster.restarted(before.instance, killed);
  return killedMs;
}

/** `kill -9` of the leader; answers how long it took until a container was there that its successor has granted. */
export async function failOver(loaded: LoadedCluster): Promise<number> {
  const { cluster } = loaded;
  const before = await loaded.leader();
  const killedMs = performance.now();
  const killed = cluster.kill(before.instance);
  await until('a new grant', async () => {
    const containers = await cluster.containers();
    return containers.some(({ note, state }) => note && BigInt(note.epoch) > before.epoch && state !== 'creating');
  });
  const tookMs = performance.now() - killedMs;
  await loaded.nextLeader(before);
  await cluster.restarted(before.instance, killed);
  return tookMs;
}

/** SIGSTOP for longer than the lease, then SIGCONT: nothing that the old leader says is obeyed any more. Answers when it was stopped. */
export async function freezeLeader(loaded: LoadedCluster): Promise<number> {
  const { cluster } = loaded;
  const before = await loaded.leader();
  loaded.burst();
  await pause(underWayMs);
  const stoppedMs = performance.now();
  cluster.kill(before.instance, 'SIGSTOP');
  let after: FoundLeader;
  let granted: string[];
  try {
    after = await loaded.nextLeader(before);
    // What waited for the old leader is being served.
    await pause(1_000);
    granted = await grantedIn(loaded, before.epoch);
  } finally {
    cluster.kill(before.instance, 'SIGCONT');
  }
  await until('the old leader stands by', async () => {
    const isThere = await answersAdmin(loaded, before.instance);
    return isThere && (await cluster.leaders()).length === 1;
  });
  // What it had begun to say is out.
  await pause(1_000);
  for (const row of await grantedIn(loaded, before.epoch)) expect(granted).toContain(row);
  expect(await cluster.leaders()).toEqual([after]);
  await expectFenced(loaded, before.epoch, after.epoch);
  return stoppedMs;
}

/** Every container whose note was written in this epoch, with its grant. */
async function grantedIn({ cluster }: LoadedCluster, epoch: bigint): Promise<string[]> {
  const rows = (await cluster.containers()).map(({ id, note }) => `${id} ${note?.grantId ?? 'never bound'}`);
  return rows.filter((row) => row.includes(` ${epoch}.`));
}

/** Whether this scheduler answers at all, as a leader or not. */
function answersAdmin({ cluster }: LoadedCluster, instance: Instance): Promise<boolean> {
  return new Promise((resolve) => {
    cluster.admin(instance).waitForReady(Date.now() + 500, (error) => resolve(error === undefined));
  });
}

/** A command of the old epoch is refused by every node, which names the new one. */
async function expectFenced({ cluster }: LoadedCluster, old: bigint, current: bigint): Promise<void> {
  for (let at = 0; at < cluster.size.agents; at += 1) {
    const answer = await fetch(`http://${cluster.listener(`agent${at}`, 'AGENT_LISTEN')}/containers`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${cluster.secrets.AGENT_TOKEN}`,
        [epochHeader]: String(old),
        'content-type': 'application/json',
      },
      body: JSON.stringify({ id: 'late', kind: 'nodejs:20', memoryMb: 128, concurrency: 1 }),
    });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'stale-epoch', epoch: String(current) });
  }
}

/** `kill -9` of Redis; it is away until the lease has lapsed and for a moment longer. */
export async function killRedis(loaded: LoadedCluster, keeps: 'data' | 'nothing'): Promise<void> {
  const { redis } = loaded.cluster;
  const before = await loaded.leader();
  await redis.kill();
  try {
    await nobodyLeads(loaded);
    await until('health says so', async () => (await health(loaded)) === 'degraded');
    await pause(500);
    if (keeps === 'nothing') redis.loseData();
  } finally {
    await redis.restart();
  }
  await whole(loaded, before);
}

/** SIGSTOP of Redis for longer than the lease. */
export async function freezeRedis(loaded: LoadedCluster): Promise<void> {
  const { redis } = loaded.cluster;
  const before = await loaded.leader();
  redis.pause();
  try {
    await nobodyLeads(loaded);
    await pause(500);
  } finally {
    redis.resume();
  }
  await whole(loaded, before);
}

/** Costs one change of leader at most, and epochs go on growing. */
export async function flushRedis(loaded: LoadedCluster): Promise<void> {
  const { cluster } = loaded;
  const before = await loaded.leader();
  await cluster.redis.ask('FLUSHALL');
  const after = await loaded.nextLeader(before);
  // The one before finds out when it renews its lease; until then nodes refuse it.
  await until('one leads', async () => (await cluster.leaders()).length === 1);
  const seen = new Set<string>();
  for (let look = 0; look < 20; look += 1) {
    for (const { instance, epoch } of await cluster.leaders()) seen.add(`${instance} ${epoch}`);
    await pause(100);
  }
  expect([...seen]).toEqual([`${after.instance} ${after.epoch}`]);
}

async function nobodyLeads({ cluster }: LoadedCluster): Promise<void> {
  await until('nobody leads', async () => (await cluster.leaders()).length === 0);
}

async function whole(loaded: LoadedCluster, before: FoundLeader): Promise<void> {
  const after = await loaded.nextLeader(before);
  await until('health says so', async () => (await health(loaded)) === 'ok');
  expect(await loaded.cluster.leaders()).toEqual([after]);
}

async function health({ cluster }: LoadedCluster): Promise<string> {
  const answer = await fetch(`${cluster.apiHost()}/health`);
  return ((await answer.json()) as { status: string }).status;
}

/** A third controller of the cluster, which reaches the scheduler that leads through a proxy only. */
export class ProxiedController {
  private constructor(
    readonly proxy: TcpProxy,
    readonly controller: ControllerProcess,
  ) {}

  static async start(loaded: LoadedCluster): Promise<ProxiedController> {
    const { cluster } = loaded;
    const { instance } = await loaded.leader();
    const proxy = await TcpProxy.start(cluster.listener(instance, 'SCHEDULER_LISTEN'));
    try {
      const controller = await ControllerProcess.start('proxied', {
        ...{ HEARTH_DATA_DIR: cluster.dataDir, REDIS_URL: cluster.redis.url, SCHEDULERS: proxy.address },
        ...{ CLUSTER_SECRET: cluster.secrets.CLUSTER_SECRET!, AGENT_TOKEN: cluster.secrets.AGENT_TOKEN! },
        ...{ LIMIT_NAMESPACE_INVOCATIONS_PER_MINUTE: '1000000000', LIMIT_NAMESPACE_FIRES_PER_MINUTE: '1000000000' },
        ...{ LIMIT_NAMESPACE_CONCURRENT_INVOCATIONS_COUNT: '1000000000', LIMIT_CLAIM_LEASE_MS: '3000' },
      });
      return new ProxiedController(proxy, controller);
    } catch (error) {
      await proxy.stop();
      throw error;
    }
  }

  /** The share-states connection is away for so long, by resets or by silence. */
  async lose(how: 'cut' | 'silence', ms: number): Promise<void> {
    const { proxy } = this;
    const before = proxy.acceptedCount;
    proxy[how]();
    await pause(ms);
    const atHeal = proxy.acceptedCount;
    proxy.heal();
    // After a silence that nobody noticed the old connection goes on.
    if (how === 'cut') await until('it has tried again', () => proxy.acceptedCount > before);
    if (how === 'cut') await until('it is back', () => proxy.acceptedCount > atHeal);
  }

  async stop(): Promise<void> {
    expect(await this.controller.end()).toBe(0);
    await this.proxy.stop();
  }
}
