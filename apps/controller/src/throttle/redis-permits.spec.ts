// Two controllers' throttles over a real Redis: together no more than the limit, and each its share while Redis is away.
import { systemClock } from '#clock';
import type { Identity } from '#entity';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import { RedisServer } from '../../../../test/support/redis-server';
import { until } from '../../../../test/support/until';
import { rateBlock } from './rate-window';
import { RedisPermits } from './redis-permits';
import { Throttles } from './throttles';

const limits = { ...defaultLimits, throttleBeatMs: 100, throttleDeadMs: 400, throttleIdleMs: 100, reconnectMs: 50 };

const of = (namespace: string, own: Identity['limits']): Identity => ({
  ...{ subject: namespace, namespace, uuid: namespace, apiKey: '' },
  limits: own,
});

/** Whoever is not refused. */
async function admitted(asking: readonly Promise<void>[]): Promise<number> {
  const ends = await Promise.allSettled(asking);
  for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ status: 429 });
  return ends.filter(({ status }) => status === 'fulfilled').length;
}

const times = <T>(count: number, act: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => act(at));

/** A minute is too short for a test that begins at its end. */
async function farFromTheEndOfTheMinute(): Promise<void> {
  await until('the minute has 10 s left', () => Date.now() % 60_000 < 50_000, 15_000);
}

describe('throttles over Redis', () => {
  let redis: RedisServer;
  let lenders: RedisPermits[];
  let throttles: Throttles[];
  let ticks: NodeJS.Timeout;

  beforeEach(async () => {
    redis = await RedisServer.start();
    lenders = ['one/1', 'two/1'].map((me) => new RedisPermits(redis.url, me, limits, systemClock, silentLogger));
    await Promise.all(lenders.map((lender) => lender.open()));
    throttles = lenders.map((lender) => new Throttles(lender, limits, systemClock));
    ticks = setInterval(() => throttles.forEach((one) => one.tick(systemClock.now())), 20);
    // Each has to have heard of the other.
    await until('both count two controllers', () => lenders.every((lender) => lender.shareOf(10) === 5));
  });
  afterEach(async () => {
    clearInterval(ticks);
    await Promise.all(lenders.map((lender) => lender.close()));
    await redis.end();
  });

  it.each([1, 6, 100])('allow %d a minute together, but for a block at the other, in one burst', async (limit) => {
    await farFromTheEndOfTheMinute();
    const identity = of('burst', { invocationsPerMinute: limit, concurrentInvocations: 10_000 });
    const count = await admitted(times(3 * limit, (at) => throttles[at % 2]!.admit(identity)));
    expect(count).toBeLessThanOrEqual(limit);
    expect(count).toBeGreaterThanOrEqual(limit - 2 * rateBlock(limit));
    // What is lent ahead can still be spent, by whoever has it; after that the limit is used up to the last.
    for (let round = 0; round < 4 * rateBlock(limit); round++)
      await admitted(throttles.map((throttle) => throttle.admit(identity)));
    await expect(throttles[0]!.admit(identity)).rejects.toMatchObject({ status: 429 });
  });

  it('allow a controller that is used alone all of them, one after another, without a round trip for most', async () => {
    await farFromTheEndOfTheMinute();
    const identity = of('alone', { invocationsPerMinute: 160, concurrentInvocations: 16 });
    let atOnce = 0;
    for (let at = 0; at < 160; at++) {
      const charge = throttles[0]!.charge(identity);
      if (charge === 'admitted') atOnce += 1;
      else await throttles[0]!.settle(identity, charge);
      throttles[0]!.release('alone');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(atOnce).toBeGreaterThan(100);
    await expect(throttles[0]!.admit(identity)).rejects.toMatchObject({
      message: 'Too many requests in the last minute (count: 161, allowed: 160).',
    });
  });

  it('count fires apart', async () => {
    await farFromTheEndOfTheMinute();
    const identity = of('fires', { invocationsPerMinute: 0, firesPerMinute: 4 });
    expect(await admitted(times(12, (at) => throttles[at % 2]!.fire(identity)))).toBeGreaterThanOrEqual(2);
    await expect(throttles[0]!.admit(identity)).rejects.toMatchObject({
      message: 'Too many requests in the last minute (count: 1, allowed: 0).',
    });
  });

  it('let no more be in flight together than the limit, and one more as soon as one is over', async () => {
    const identity = of('busy', { invocationsPerMinute: 1_000_000, concurrentInvocations: 2 });
    await throttles[0]!.admit(identity);
    await throttles[1]!.admit(identity);
    for (const throttle of throttles)
      await expect(throttle.admit(identity)).rejects.toMatchObject({
        message: 'Too many concurrent requests in flight (count: 2, allowed: 2).',
      });
    throttles[1]!.release('busy');
    await until('the first gets what the second has given back', () =>
      throttles[0]!.admit(identity).then(
        () => true,
        () => false,
      ),
    );
    expect([throttles[0]!.inFlight('busy'), throttles[1]!.inFlight('busy')]).toEqual([2, 0]);
  });

  it('free what a controller held that is heard of no more', async () => {
    const identity = of('dead', { invocationsPerMinute: 1_000_000, concurrentInvocations: 1 });
    const dying = new RedisPermits(redis.url, 'three/1', limits, systemClock, silentLogger);
    await dying.open();
    await new Throttles(dying, limits, systemClock).admit(identity);
    await expect(throttles[0]!.admit(identity)).rejects.toMatchObject({ status: 429 });
    await dying.close();
    await throttles[0]!.admit(identity);
  });

  it('free what a controller held that died without a word, after a while and not before', async () => {
    const patient = { ...limits, throttleWaitMs: 20_000, throttleBeatMs: 1_000 };
    const [dying, other] = ['three/1', 'four/1'].map(
      (me) => new RedisPermits(redis.url, me, patient, systemClock, silentLogger),
    );
    try {
      await Promise.all([dying!.open(), other!.open()]);
      const identity = of('silent', { invocationsPerMinute: 1_000_000, concurrentInvocations: 1 });
      await new Throttles(dying!, limits, systemClock).admit(identity);
      await dying!.close();
      // It never said that it goes; it was heard of last at this moment, which has not come yet.
      const heardAt = Date.now() + 3_000;
      await redis.ask('ZADD', 'hearth:throttle:controllers', String(heardAt), 'three/1');
      const survivor = new Throttles(other!, limits, systemClock);
      await expect(survivor.admit(identity)).rejects.toMatchObject({
        message: 'Too many concurrent requests in flight (count: 1, allowed: 1).',
      });
      await until('its permit is free', () =>
        survivor.admit(identity).then(
          () => true,
          () => false,
        ),
      );
      expect(Date.now()).toBeGreaterThanOrEqual(heardAt + limits.throttleDeadMs - 50);
      expect(survivor.inFlight('silent')).toBe(1);
    } finally {
      await Promise.all([dying!.close(), other!.close()]);
    }
  });

  it('keep each to its share while Redis is away, stood still or dead, and to the whole again afterwards', async () => {
    await farFromTheEndOfTheMinute();
    redis.pause();
    const identity = of('share', { invocationsPerMinute: 10, concurrentInvocations: 6 });
    try {
      expect(await admitted(times(20, () => throttles[0]!.admit(identity)))).toBe(3);
    } finally {
      redis.resume();
    }
    await redis.kill();
    await until('it is missed', () => lenders.every(({ isConnected }) => !isConnected));
    expect(await admitted(times(20, () => throttles[1]!.admit(identity)))).toBe(3);
    await redis.restart();
    await until('it is back', () => lenders.every(({ isConnected }) => isConnected));
    const other = of('whole', { invocationsPerMinute: 1_000, concurrentInvocations: 6 });
    expect(await admitted(times(20, () => throttles[1]!.admit(other)))).toBe(6);
  });

  it('forget namespaces of which there is nothing to know', async () => {
    const identity = of('once', { invocationsPerMinute: 0 });
    await expect(throttles[0]!.admit(identity)).rejects.toMatchObject({ status: 429 });
    expect(throttles[0]!.size).toBe(1);
    throttles[0]!.tick(systemClock.now() + 60_000);
    expect(throttles[0]!.size).toBe(0);
  });
});
