// Cache invalidation through a real Redis that is killed, paused and started again.
import { defaultLimits, type Limits } from '#limits';
import { silentLogger } from '#telemetry';
import { RedisServer } from '../../../../test/support/redis-server';
import { until } from '../../../../test/support/until';
import type { Stale } from './cache-invalidation';
import { RedisInvalidation } from './redis-invalidation';

const all: Stale = { kind: 'all', name: '' };
const action = (name: string): Stale => ({ kind: 'action', name });

describe('cache invalidation through Redis', () => {
  let redis: RedisServer;
  let members: RedisInvalidation[] = [];
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    for (const member of members) await member.close();
    members = [];
    await redis.end();
  });

  /** A controller's part, and what it was told to forget. */
  async function join(
    over: Partial<Limits> = {},
    url = redis.url,
  ): Promise<{ told: Stale[]; member: RedisInvalidation }> {
    const limits = { ...defaultLimits, invalidationPingMs: 100, invalidationWaitMs: 200, reconnectMs: 20, ...over };
    const member = new RedisInvalidation(url, limits, silentLogger);
    members.push(member);
    const told: Stale[] = [];
    member.join({ forgetStale: (stale) => told.push(stale) });
    await member.open();
    return { told, member };
  }

  it('reaches every controller', async () => {
    const [one, two, three] = [await join(), await join(), await join()];
    expect(one.member.entryMs).toBe(defaultLimits.cacheMs);
    await one.member.tell(action('guest/a'));
    await two.member.tell({ kind: 'package', name: 'guest/p' });
    for (const { told } of [one, two, three]) {
      await until('both were heard', () => told.length >= 3);
      expect(told).toEqual([all, action('guest/a'), { kind: 'package', name: 'guest/p' }]);
    }
  });

  it('does not reach the controllers of another cluster, which has another database of the same Redis', async () => {
    const [one, two, other] = [await join(), await join({}, `${redis.url}/0`), await join({}, `${redis.url}/1`)];
    await one.member.tell(action('guest/a'));
    await until('it was heard', () => two.told.length >= 2);
    await other.member.tell(action('guest/b'));
    await until('it was heard', () => other.told.length >= 2);
    expect(two.told).toEqual([all, action('guest/a')]);
    expect(other.told).toEqual([all, action('guest/b')]);
  });

  it('forgets everything when Redis is lost and when it is back, and lets entries live shortly in between', async () => {
    const { told, member } = await join();
    expect([told, member.isConnected]).toEqual([[all], true]);
    await redis.kill();
    await until('the loss is noticed', () => !member.isConnected);
    expect([told, member.entryMs]).toEqual([[all, all], defaultLimits.cacheStaleMs]);
    await redis.restart();
    await until('it is back', () => member.isConnected);
    expect([told, member.entryMs]).toEqual([[all, all, all], defaultLimits.cacheMs]);
  });

  it('notices a Redis that stands still', async () => {
    const { told, member } = await join();
    redis.pause();
    try {
      await until('the loss is noticed', () => !member.isConnected, 2_000);
      expect(told).toEqual([all, all]);
    } finally {
      redis.resume();
    }
    await until('it is back', () => member.isConnected);
    expect(told).toEqual([all, all, all]);
  });

  it('tells what was written while Redis was away, once it is back', async () => {
    const writer = await join();
    await redis.kill();
    const begun = performance.now();
    await writer.member.tell(action('guest/a'));
    expect(performance.now() - begun).toBeLessThan(1_000);
    await redis.restart();
    await until('it was told', () => writer.told.length >= 4);
    expect(writer.told).toEqual([all, all, all, action('guest/a')]);
  });

  it('keeps no more names than it may: the others forget everything then', async () => {
    const writer = await join({ invalidationPendingCount: 2 });
    await redis.kill();
    for (const name of ['a', 'b', 'c']) await writer.member.tell(action(name));
    await redis.restart();
    await until('it is back', () => writer.member.isConnected);
    await until('it was told', () => writer.told.length >= 4);
    expect(writer.told).toEqual([all, all, all, all]);
  });

  it('does not make a write wait for a Redis that stands still', async () => {
    const { member } = await join({ invalidationPingMs: 10_000 });
    redis.pause();
    try {
      const begun = performance.now();
      await member.tell(action('guest/a'));
      expect(performance.now() - begun).toBeLessThan(1_000);
    } finally {
      redis.resume();
    }
  });

  it('starts without Redis, and takes a message that it cannot read for everything', async () => {
    await redis.kill();
    const { told, member } = await join();
    expect([told, member.isConnected]).toEqual([[], false]);
    await redis.restart();
    await until('it is there', () => member.isConnected);
    for (const text of ['{"kind"', '{"kind":"rule","name":"guest/r"}'])
      await redis.ask('PUBLISH', 'hearth:invalidate:0', text);
    await until('both were heard', () => told.length >= 3);
    expect(told).toEqual([all, all, all]);
  });
});
