// The limits of a namespace over two real controllers and a real Redis, by HTTP: together they allow what one would, but for a block at each; while
// Redis is away each has its share; what a controller held that was killed is free for the others.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster } from '../support/cluster';
import { Guest } from '../support/guest';
import type { RawAnswer } from '../support/raw-http';
import { until } from '../support/until';
import { runCommand } from '../identity/commands';

const deadMs = 6_000;

describe('throttles of two controllers', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.start({
      schedulers: 1,
      agents: 1,
      controllers: 2,
      // A busy machine is not to look like a Redis that is away.
      env: {
        LIMIT_THROTTLE_DEAD_MS: String(deadMs),
        LIMIT_THROTTLE_BEAT_MS: '2000',
        LIMIT_THROTTLE_WAIT_MS: '10000',
      },
    });
  }, 90_000);
  afterAll(() => cluster.stop(), 60_000);

  /** A new subject, as a caller of each controller. */
  async function newcomer(name: string, limits: string): Promise<[Guest, Guest]> {
    const env = { HEARTH_DATA_DIR: cluster.dataDir, REDIS_URL: cluster.redis.url };
    const { out } = await runCommand(['user', 'create', name], env);
    await runCommand(['limits', 'set', name, ...limits.split(' ')], env);
    const at = (controller: number) => new Guest({ apiHost: cluster.apiHost(controller), apiKey: out.trim() });
    return [at(0), at(1)];
  }

  /** It is charged like any other, and answered without a container: 404 if it is admitted. */
  const ask = (guest: Guest): Promise<RawAnswer> => guest.invoke('missing');

  function admittedOf(answers: readonly RawAnswer[]): number {
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 404 && status !== 429)).toEqual([]);
    return statuses.filter((status) => status === 404).length;
  }

  const freshMinute = () => until('a minute has begun', () => Date.now() % 60_000 < 35_000, 40_000);
  const isDegraded = async (controller: number): Promise<boolean> => {
    const health = await fetch(`${cluster.apiHost(controller)}/health`);
    return ((await health.json()) as { status: string }).status !== 'ok';
  };

  const controllersKey = 'hearth:throttle:controllers';
  /** When Redis last heard of each, by their names. */
  async function heardOf(): Promise<Map<string, number>> {
    // As one text, since the shape of an answer with scores depends on the protocol's version.
    const script = "return table.concat(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES'), ' ')";
    const words = ((await cluster.redis.ask('EVAL', script, '1', controllersKey)) as string).split(' ').filter(Boolean);
    return new Map(words.flatMap((name, at) => (at % 2 === 0 ? [[name, Number(words[at + 1])]] : [])));
  }
  /** Each has said once more that it is there since both were: the answer to that was how many there are. */
  async function haveHeardOfEachOther(): Promise<void> {
    await until('both are there', async () => (await heardOf()).size === 2);
    const before = await heardOf();
    await until('both have said so again', async () => {
      const now = await heardOf();
      return [...before].every(([name, at]) => (now.get(name) ?? 0) > at);
    });
  }

  it('allow the limit together, but for one block at each, and no more', async () => {
    const limit = 48;
    const block = 3;
    const both = await newcomer('alpha', `--invocationsPerMinute ${limit} --concurrentInvocations 1000`);
    await freshMinute();
    const answers: RawAnswer[] = [];
    for (let round = 0; round < 12; round += 1)
      answers.push(...(await Promise.all(Array.from({ length: 12 }, (_, at) => ask(both[at % 2]!)))));
    const admitted = admittedOf(answers);
    expect(admitted).toBeLessThanOrEqual(limit);
    expect(admitted).toBeGreaterThanOrEqual(limit - 2 * block);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(refused.json.error).toMatch(/^Too many requests in the last minute \(count: \d+, allowed: 48\)\.$/);
  }, 90_000);

  it('give each its share while Redis is away, and the whole again afterwards', async () => {
    const [here, there] = await newcomer('gamma', '--invocationsPerMinute 10 --concurrentInvocations 1000');
    await haveHeardOfEachOther();
    // Known at both before it is away.
    for (const guest of [here, there]) expect((await guest.call('GET', 'limits')).json.invocationsPerMinute).toBe(10);
    await cluster.redis.kill();
    await freshMinute();
    for (const guest of [here, there])
      expect(admittedOf(await Promise.all(Array.from({ length: 20 }, () => ask(guest))))).toBe(5);
    await cluster.redis.restart();
    await until('both have it again', async () => !(await isDegraded(0)) && !(await isDegraded(1)));
    let tries = 0;
    await until(
      'one has the whole',
      async () => {
        const [alone] = await newcomer(
          `delta${(tries += 1)}`,
          '--invocationsPerMinute 10 --concurrentInvocations 1000',
        );
        await freshMinute();
        return admittedOf(await Promise.all(Array.from({ length: 20 }, () => ask(alone)))) === 10;
      },
      90_000,
    );
  }, 180_000);

  it('free what a controller held that died without a word, once it was not heard of for a while', async () => {
    // Redis had lost who is there.
    await haveHeardOfEachOther();
    const [here, there] = await newcomer('beta1', '--concurrentInvocations 1');
    const begun = join(cluster.dataDir, 'slow-has-begun');
    const code = `function main() {
      require('node:fs').writeFileSync(${JSON.stringify(begun)}, '');
      return new Promise((done) => setTimeout(done, 20_000, {}));
    }`;
    await here.putAction('slow', code);
    const running = there.invoke('slow').catch((error: unknown) => error);
    // Asked before, this one could have the only permit at that moment, and the other would be refused.
    await until('it runs', () => existsSync(begun));
    await until('it is in flight at the other', async () => (await ask(here)).status === 429);
    // It stands still: it neither says that it goes nor comes back under another name.
    const pid = cluster.pid('controller1')!;
    process.kill(pid, 'SIGSTOP');
    try {
      await until('its permit is free', async () => (await ask(here)).status === 404, deadMs + 20_000);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    await running;
    await cluster.restarted('controller1', pid);
  }, 90_000);
});
