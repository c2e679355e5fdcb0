// Leaders that are killed, stopped and robbed of their lock: real schedulers, controllers, agents and a real Redis, under calls that go on.
import { epochHeader } from '#protocol';
import { type Cluster, type FoundLeader, type Instance, startCluster } from '../support/cluster';
import type { RawAnswer } from '../support/raw-http';
import { pause, until } from '../support/until';

// Seven processes start and stop here, and the machine may have other things to do.
jest.setTimeout(90_000);

const ms = (text: string, value: number): void => {
  process.stdout.write(`      ${text}: ${Math.round(value)} ms\n`);
};

/** Memory for eight containers on each node; and who was killed is started again when the failover is over, not in the midst of it. */
const roomy = {
  NODE_MEMORY_MB: '2048',
  LIMIT_RESTART_BACKOFF_MS: '1600',
  LIMIT_RESTART_BACKOFF_MOST_MS: '1600',
};

const echo = 'function main({ n = 0 }) { return { n }; }';

/** Calls one action again and again, through one controller after the other, and keeps what became of each. */
class SteadyCalls {
  readonly failures: string[] = [];
  count = 0;
  private isOver = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly cluster: Cluster,
    private readonly action: string,
    private readonly everyMs = 20,
  ) {
    this.done = this.run();
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      const n = (this.count += 1);
      const controller = n % this.cluster.size.controllers;
      try {
        const answer = await this.cluster.guest(controller).invoke(this.action, { n }, 'blocking=true&result=true');
        if (answer.status !== 200 || answer.json.n !== n) this.failures.push(`${n}: ${answer.status} ${answer.text}`);
      } catch (error) {
        this.failures.push(`${n}: ${String(error)}`);
      }
      await pause(this.everyMs);
    }
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.done;
  }
}

interface ColdCall {
  readonly answer: RawAnswer;
  readonly tookMs: number;
}

let cluster: Cluster;
let coldCount = 0;

async function putColdActions(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, () => `cold${(coldCount += 1)}`);
  for (const name of names) await cluster.guest().putAction(name, echo);
  return names;
}

/** The first call of an action: it needs a grant. */
async function coldCall(name: string, controller = 0): Promise<ColdCall> {
  const begun = performance.now();
  const answer = await cluster.guest(controller).invoke(name, { n: 1 }, 'blocking=true&result=true');
  return { answer, tookMs: performance.now() - begun };
}

async function theLeader(): Promise<FoundLeader> {
  return until('one scheduler leads', () => cluster.leader());
}

/** Waits for a leader of a higher epoch. */
async function theNext(before: FoundLeader): Promise<FoundLeader> {
  return until('another reign', async () => {
    const found = await cluster.leader();
    return found && found.epoch > before.epoch && found;
  });
}

async function warmUp(action: string): Promise<void> {
  await cluster.guest().putAction(action, echo);
  for (let controller = 0; controller < cluster.size.controllers; controller += 1)
    await cluster.guest(controller).invoke(action);
}

const expectDone = ({ answer }: ColdCall): void => expect([answer.status, answer.text]).toEqual([200, '{"n":1}']);

describe('with the default lease of 3 s', () => {
  beforeAll(async () => {
    cluster = await startCluster({ env: roomy });
  });
  afterAll(() => cluster.stop());

  it('kill -9 of the leader: warm calls do not notice, cold ones wait at most lease + 1 s, and none is lost', async () => {
    await warmUp('warm');
    const names = await putColdActions(4);
    const before = await theLeader();
    const warm = new SteadyCalls(cluster, 'warm');
    await pause(500);
    const killed = cluster.kill(before.instance);
    const waiting = names.map((name, at) => coldCall(name, at % 2));
    const colds = await Promise.all(waiting);
    const first = Math.min(...colds.map(({ tookMs }) => tookMs));
    ms('killed leader to first cold answer', first);
    colds.forEach(expectDone);
    expect(first).toBeLessThan(4_000);
    const after = await theNext(before);
    await cluster.restarted(before.instance, killed);
    await warm.stop();
    expect(warm.failures).toEqual([]);
    expect(warm.count).toBeGreaterThan(50);
    expect(await cluster.leaders()).toEqual([after]);
  });

  it('stop of the leader by Ctrl-C of its process alone hands over at once', async () => {
    const [name] = await putColdActions(1);
    const before = await theLeader();
    cluster.kill(before.instance, 'SIGTERM');
    const cold = await coldCall(name!);
    ms('stopped leader to cold answer', cold.tookMs);
    expectDone(cold);
    expect(cold.tookMs).toBeLessThan(2_000);
  });
});

describe('with a lease of 1 s', () => {
  beforeAll(async () => {
    cluster = await startCluster({ env: { ...roomy, LIMIT_LEADER_LEASE_MS: '1000' } });
  });
  afterAll(() => cluster.stop());

  it('kill -9 of one leader after the other: a new grant within 1.5 s each time', async () => {
    await warmUp('warm');
    const names = await putColdActions(3);
    const warm = new SteadyCalls(cluster, 'warm');
    const took: number[] = [];
    for (const name of names) {
      const before = await theLeader();
      const killed = cluster.kill(before.instance);
      const cold = await coldCall(name);
      expectDone(cold);
      took.push(cold.tookMs);
      await cluster.restarted(before.instance, killed);
    }
    await warm.stop();
    ms('killed leader to cold answer, the longest of three', Math.max(...took));
    expect(Math.max(...took)).toBeLessThan(1_500);
    expect(warm.failures).toEqual([]);
  });

  it('a leader that was stopped for longer than its lease changes nothing when it goes on', async () => {
    await warmUp('warm');
    const names = await putColdActions(8);
    const before = await theLeader();
    const warm = new SteadyCalls(cluster, 'warm');
    // It stops in the middle of creations and binds.
    const underWay = names.slice(0, 4).map((name, at) => coldCall(name, at % 2));
    await pause(30);
    cluster.kill(before.instance, 'SIGSTOP');
    const stoppedMs = performance.now();
    const after = await theNext(before);
    const sent = names.slice(4).map((name, at) => coldCall(name, at % 2));
    const colds = await Promise.all([...underWay, ...sent]);
    ms('stopped leader to the last of eight cold answers', performance.now() - stoppedMs);
    colds.forEach(expectDone);
    const ids = (rows: { id: string; note?: { grantId: string } | undefined }[]): string[] =>
      rows.map(({ id, note }) => `${id} ${note?.grantId ?? 'never bound'}`).sort();
    const settled = ids(await cluster.containers());
    cluster.kill(before.instance, 'SIGCONT');
    await until(
      'the old leader stands by',
      async () => (await cluster.leaders()).length === 1 && (await answers(before.instance)),
    );
    await pause(1_000);
    const afterwards = ids(await cluster.containers());
    const ofOldEpoch = (rows: string[]): string[] => rows.filter((row) => row.includes(` ${before.epoch}.`));
    expect(ofOldEpoch(afterwards)).toEqual(ofOldEpoch(settled));
    expect(afterwards.filter((row) => settled.includes(row))).toEqual(settled);
    await warm.stop();
    expect(warm.failures).toEqual([]);
    expect(await cluster.leaders()).toEqual([after]);
    await expectFenced(before.epoch, after.epoch);
  });

  it('FLUSHALL costs one change of leader at most; epochs go on growing', async () => {
    await warmUp('warm');
    const names = await putColdActions(2);
    let before = await theLeader();
    cluster.kill(before.instance);
    before = await theNext(before);
    const warm = new SteadyCalls(cluster, 'warm');
    await pause(300);
    await cluster.redis.ask('FLUSHALL');
    const flushedMs = performance.now();
    const cold = await coldCall(names[0]!);
    ms('FLUSHALL to cold answer', performance.now() - flushedMs);
    expectDone(cold);
    const after = await theNext(before);
    ms('FLUSHALL to the next reign', performance.now() - flushedMs);
    const seen = new Set<string>();
    for (let look = 0; look < 30; look += 1) {
      for (const { instance, epoch } of await cluster.leaders()) seen.add(`${instance} ${epoch}`);
      await pause(100);
    }
    expect([...seen]).toEqual([`${after.instance} ${after.epoch}`]);
    expectDone(await coldCall(names[1]!));
    await warm.stop();
    expect(warm.failures).toEqual([]);
  });

  it('a Redis that is killed and comes back without its data: warm calls go on, cold ones wait for it', async () => {
    await warmUp('warm');
    const [name] = await putColdActions(1);
    const before = await theLeader();
    const warm = new SteadyCalls(cluster, 'warm');
    await cluster.redis.kill();
    await until('nobody leads', async () => (await cluster.leaders()).length === 0);
    await until('health says so', async () => (await health()).status === 'degraded');
    const cold = coldCall(name!);
    await pause(1_500);
    await cluster.redis.restart();
    const backMs = performance.now();
    expectDone(await cold);
    ms('Redis is back to cold answer', performance.now() - backMs);
    const after = await theNext(before);
    await until('health says so', async () => (await health()).status === 'ok');
    await warm.stop();
    expect(warm.failures).toEqual([]);
    expect(await cluster.leaders()).toEqual([after]);
  });
});

async function health(): Promise<{ status: string }> {
  return (await fetch(`${cluster.apiHost()}/health`)).json() as Promise<{ status: string }>;
}

/** Whether this scheduler answers at all, as a leader or not. */
function answers(instance: Instance): Promise<boolean> {
  return new Promise((resolve) => {
    cluster.admin(instance).waitForReady(Date.now() + 500, (error) => resolve(error === undefined));
  });
}

/** A command of the old epoch is refused by every node, which names the new one. */
async function expectFenced(old: bigint, current: bigint): Promise<void> {
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
