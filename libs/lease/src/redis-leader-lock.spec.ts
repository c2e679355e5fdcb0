import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { ManualClock, systemClock } from '#clock';
import { silentLogger } from '#telemetry';
import { RedisServer } from '../../../test/support/redis-server';
import { pause, until } from '../../../test/support/until';
import { Elector } from './elector';
import type { SchedulerAddresses } from './leader-lock';
import { describeLeaderLock } from './leader-lock.conformance';
import { connectRedis } from './redis-connection';
import { RedisLeaderLock } from './redis-leader-lock';

const leaseMs = 300;
const lockKey = '{hearth:leader}:lock';
const epochKey = '{hearth:leader}:epoch';

let redis: RedisServer;
let locks: RedisLeaderLock[] = [];
let electors: Elector[] = [];

const connect = (url: string): Redis => connectRedis({ url, answerMs: leaseMs / 3, reconnectMs: 20 }, silentLogger);

/** Another process's, as far as Redis can tell. */
function lockOver(connection: Redis, own: Partial<SchedulerAddresses> = {}): RedisLeaderLock {
  const addresses = { schedulerId: 'scheduler0', listen: '127.0.0.1:1', admin: '127.0.0.1:2', ...own };
  const lock = new RedisLeaderLock(connection, leaseMs, () => addresses);
  locks.push(lock);
  return lock;
}

async function connected(own: Partial<SchedulerAddresses> = {}, url = redis.url): Promise<RedisLeaderLock> {
  const connection = connect(url);
  await once(connection, 'ready');
  return lockOver(connection, own);
}

interface Reign {
  readonly epoch: bigint;
  readonly signal: AbortSignal;
}

function elector(clock = systemClock): Elector & { reigns: Reign[]; raised: bigint[] } {
  const seen = { reigns: [] as Reign[], raised: [] as bigint[] };
  const leader = {
    lead: (epoch: bigint, signal: AbortSignal) => void seen.reigns.push({ epoch, signal }),
    raise: (epoch: bigint) => void seen.raised.push(epoch),
  };
  const settings = { renewMs: leaseMs / 3, tryMs: 20, refuseAfterMs: leaseMs };
  const made = new Elector(lockOver(connect(redis.url)), leader, clock, settings, silentLogger);
  electors.push(made);
  return Object.assign(made, seen);
}

const epochs = (reigns: Reign[]): bigint[] => reigns.map(({ epoch }) => epoch);

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.end());

afterEach(async () => {
  for (const one of electors) await one.stop();
  for (const lock of locks) await lock.close().catch(() => undefined);
  electors = [];
  locks = [];
});

describeLeaderLock('redis, in a database of its own', async () => {
  await redis.ask('FLUSHALL');
  return {
    candidate: () => connected({}, `${redis.url}/3`),
    kill: () => pause(leaseMs + 20),
    end: () => Promise.resolve(),
  };
});

describe('redis leader lock', () => {
  beforeEach(() => redis.ask('FLUSHALL'));

  it('tells candidates who holds it, and no longer than it does', async () => {
    const holder = await connected({ schedulerId: 'first', listen: 'first.example:3234', admin: 'first.example:3236' });
    const epoch = await holder.acquire(0n);
    const other = await connected();
    expect(await other.acquire(0n)).toBeUndefined();
    expect(other.holder).toEqual({
      schedulerId: 'first',
      epoch,
      listen: 'first.example:3234',
      admin: 'first.example:3236',
    });
    await holder.liftEpoch(9n);
    await other.acquire(0n);
    expect(other.holder?.epoch).toBe(10n);
    await holder.release();
    expect(await other.acquire(0n)).toBe(11n);
    expect(other.holder).toBeUndefined();
  });

  it('believes no record but that of the one who holds it now', async () => {
    const holder = await connected();
    await holder.acquire(0n);
    const record = '{hearth:leader}:record';
    const stale = JSON.parse(String(await redis.ask('GET', record))) as object;
    for (const text of [JSON.stringify({ ...stale, held: 'another' }), '{"held"', '"text"']) {
      await redis.ask('SET', record, text);
      const other = await connected();
      expect(await other.acquire(0n)).toBeUndefined();
      expect(other.holder).toBeUndefined();
    }
  });

  it('keeps its keys no longer than the lease, but the epoch for ever', async () => {
    await (await connected()).acquire(0n);
    await pause(leaseMs + 20);
    expect(await redis.ask('KEYS', '*')).toEqual([epochKey]);
  });

  it('does not go by the calendar of this host when it renews', async () => {
    const holder = await connected();
    await holder.acquire(0n);
    const now = Date.now;
    Date.now = () => now() + 86_400_000;
    try {
      expect(await holder.renew()).toBe(true);
    } finally {
      Date.now = now;
    }
  });

  it('is lost for certain when another holds it, and unknown when Redis does not say', async () => {
    const holder = await connected();
    await holder.acquire(0n);
    await redis.ask('SET', lockKey, 'another');
    expect(await holder.renew()).toBe(false);
    expect(await holder.liftEpoch(5n)).toBeUndefined();
    await holder.release();
    expect(await redis.ask('GET', lockKey)).toBe('another');
    await redis.ask('SET', lockKey, 'x', 'PX', '1');
    await redis.ask('SET', epochKey, 'no number');
    await expect((await connected()).acquire(0n)).rejects.toThrow(/not an integer/);
    await redis.ask('DEL', epochKey);
    await until('let go of', async () => (await redis.ask('EXISTS', lockKey)) === 0);
  });

  it('a holder whose lock passed on between acquiring and leading does not lead', async () => {
    const holder = await connected();
    await holder.acquire(0n);
    await holder.release();
    // As if it had been stopped in between: the lock is another's when it asks for the epoch.
    const lift = holder.liftEpoch.bind(holder);
    holder.liftEpoch = async (above) => {
      await redis.ask('SET', lockKey, 'another');
      return lift(above);
    };
    expect(await holder.acquire(0n)).toBeUndefined();
    expect(await holder.renew()).toBe(false);
  });
});

describe('electors over one Redis', () => {
  beforeEach(() => redis.ask('FLUSHALL'));

  it('have one leader at a time; the next takes over within a lease when it is gone', async () => {
    const [first, second] = [elector(), elector()];
    await first.start();
    await until('the first leads', () => first.holds());
    await second.start();
    await pause(leaseMs * 2);
    expect([first.holds(), second.holds()]).toEqual([true, false]);
    expect(epochs(first.reigns)).toEqual([1n]);
    await first.stop();
    await until('the second leads', () => second.holds());
    expect(epochs(second.reigns)).toEqual([2n]);
    expect(first.reigns[0]!.signal.aborted).toBe(true);
  });

  it('a Redis that stalls ends the reign when the lease has lapsed; afterwards there is one leader with a higher epoch', async () => {
    const [first, second] = [elector(), elector()];
    await first.start();
    await until('the first leads', () => first.holds());
    await second.start();
    redis.pause();
    const pausedMs = performance.now();
    try {
      await until('the reign ended', () => first.reigns[0]!.signal.aborted, 2_000);
      expect(performance.now() - pausedMs).toBeLessThan(leaseMs + 100);
      await pause(leaseMs * 3);
      expect([first.holds(), second.holds()]).toEqual([false, false]);
    } finally {
      redis.resume();
    }
    await until('one leads', () => first.holds() || second.holds(), 3_000);
    await pause(leaseMs * 2);
    expect(first.holds()).toBe(!second.holds());
    const all = [...epochs(first.reigns), ...epochs(second.reigns)].sort((a, b) => Number(a - b));
    expect(all[0]).toBe(1n);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(2);
  });

  it('a short stall costs nothing', async () => {
    const first = elector();
    await first.start();
    await until('the first leads', () => first.holds());
    redis.pause();
    await pause(leaseMs / 3);
    redis.resume();
    await pause(leaseMs * 2);
    expect(first.holds()).toBe(true);
    expect(epochs(first.reigns)).toEqual([1n]);
  });

  it('FLUSHALL costs one change of leader at most, and epochs go on growing', async () => {
    const [first, second] = [elector(), elector()];
    await first.start();
    await until('the first leads', () => first.holds());
    await second.start();
    await until('the second has seen who leads', () => second.leader);
    first.heard(40n);
    await until('the epoch is raised', () => first.raised.length > 0);
    await pause(100);
    await redis.ask('FLUSHALL');
    await pause(leaseMs * 4);
    const all = [...epochs(first.reigns), ...epochs(second.reigns)];
    expect(all).toHaveLength(2);
    expect(all.filter((epoch) => epoch > 41n)).toEqual([42n]);
    expect([first.raised, second.raised]).toEqual([[41n], []]);
    expect(first.holds()).toBe(!second.holds());
    expect(await redis.ask('GET', epochKey)).toBe('42');
  });

  it('a Redis that is killed and comes back late without its data is led again, above every epoch that was', async () => {
    const [first, second] = [elector(), elector()];
    await first.start();
    await until('the first leads', () => first.holds());
    await second.start();
    await until('the second has seen who leads', () => second.leader);
    first.heard(7n);
    await until('the epoch is raised', () => first.raised.length > 0);
    await pause(100);
    await redis.kill();
    await until('the reign ended', () => first.reigns[0]!.signal.aborted, 2_000);
    await pause(leaseMs);
    expect([first.holds(), second.holds()]).toEqual([false, false]);
    await redis.restart();
    await until('one leads', () => first.holds() || second.holds(), 3_000);
    const after = first.holds() ? first : second;
    expect(after.reigns[after.reigns.length - 1]!.epoch).toBeGreaterThanOrEqual(9n);
  });

  it('is a candidate before there is a Redis at all', async () => {
    await redis.kill();
    const first = elector();
    await first.start();
    await pause(100);
    expect(first.holds()).toBe(false);
    await redis.restart();
    await until('it leads', () => first.holds(), 3_000);
  });

  it('a leader whose own time went by does nothing more, whatever Redis says', async () => {
    const clock = new ManualClock();
    const first = elector(clock);
    await first.start();
    await until('the first leads', () => {
      clock.advance(20);
      return first.holds();
    });
    clock.advance(leaseMs);
    expect(first.holds()).toBe(false);
    await until('its reign ended', () => first.reigns[0]!.signal.aborted);
  });
});
