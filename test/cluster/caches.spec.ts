// Two controllers with a real Redis: what one writes, the other knows; and without Redis, soon.
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { one, telling, two, TwoControllers } from './two-controllers';

describe('caches of two controllers', () => {
  let redis: RedisServer;
  let cluster: TwoControllers;
  beforeAll(async () => {
    redis = await RedisServer.start();
    cluster = await TwoControllers.start({
      ...{ REDIS_URL: redis.url, LIMIT_CACHE_STALE_MS: '500', LIMIT_INVALIDATION_PING_MS: '200' },
    });
  });
  afterAll(async () => {
    await cluster.stop();
    await redis.end();
  });

  /** The revision that a controller runs, by the key that it demands a container for. The call is served. */
  async function revisionAt(id: typeof one | typeof two, name: string): Promise<number> {
    const heard = cluster.scheduler.all(id, 'demand').length;
    const calling = cluster.guest(id).invoke(name);
    const key = await until('a demand', () => {
      const demands = cluster.scheduler.all(id, 'demand').slice(heard);
      return demands.find(({ actionKey, waiting }) => waiting > 0 && actionKey.includes(`/${name}|`))?.actionKey;
    });
    const { containerId, grantId } = await cluster.node.grant(id, key);
    expect((await calling).status).toBe(200);
    cluster.scheduler.say(id, { $case: 'reclaim', value: { containerId, grantId, deadlineMs: 250 } });
    return Number(key.split('|')[2]);
  }

  const isHealthy = async (id: typeof one | typeof two): Promise<boolean> => {
    const answer = await fetch(`${cluster.controllers[id].apiHost}/health`);
    return ((await answer.json()) as { status: string }).status === 'ok';
  };

  it('the next call at one runs what was just written at the other', async () => {
    await cluster.guest(one).putAction('written', telling);
    const before = await revisionAt(two, 'written');
    for (let i = 0; i < 5; i++) {
      await cluster.guest(one).putAction('written', `${telling} // ${i}`);
      expect(await revisionAt(two, 'written')).toBeGreaterThan(before + i);
    }
    expect((await cluster.guest(one).call('DELETE', 'actions/written')).status).toBe(200);
    expect((await cluster.guest(two).invoke('written')).status).toBe(404);
  });

  it('without Redis it is known after the time that entries may then be old, and health says so', async () => {
    await cluster.guest(one).putAction('late', telling);
    const before = await revisionAt(two, 'late');
    expect([await isHealthy(one), await isHealthy(two)]).toEqual([true, true]);
    await redis.kill();
    await until('both notice', async () => !(await isHealthy(one)) && !(await isHealthy(two)));
    await cluster.guest(one).putAction('late', `${telling} // again`);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const after = await revisionAt(two, 'late');
    expect(after).toBeGreaterThan(before);
    await redis.restart();
    await until('both are well again', async () => (await isHealthy(one)) && (await isHealthy(two)));
    await cluster.guest(one).putAction('late', `${telling} // and again`);
    expect(await revisionAt(two, 'late')).toBeGreaterThan(after);
  });

  it('a Redis that stands still delays a write a little, and calls not at all', async () => {
    await cluster.guest(one).putAction('still', telling);
    redis.pause();
    try {
      const begun = performance.now();
      await cluster.guest(one).putAction('still', `${telling} // still`);
      expect(performance.now() - begun).toBeLessThan(2_000);
      await revisionAt(two, 'still');
    } finally {
      redis.resume();
    }
    await until('both are well again', async () => (await isHealthy(one)) && (await isHealthy(two)));
  });
});
