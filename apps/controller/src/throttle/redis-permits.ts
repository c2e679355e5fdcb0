// Lends the cluster's permits through Redis: scripts that each take one round trip and leave nothing half done.
//
// Guarantees: minutes are those of Redis' clock, so that controllers whose clocks differ share one window. What a controller holds
// counts while it is heard of: one that dies frees it after `throttleDeadMs`. Without an answer each controller has its share: the limit divided
// by as many as were heard of last, but at least one.
import { Redis } from 'ioredis';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { Holding } from './held-permits';
import type { PermitLender, Rate } from './permit-lender';
import { type Loan, minuteMs } from './rate-window';

type PermitLimits = Pick<Limits, 'throttleBeatMs' | 'throttleDeadMs' | 'throttleWaitMs' | 'reconnectMs'>;

const controllersKey = 'hearth:throttle:controllers';

/** Keys of minutes and holdings go by themselves. */
const keyLifeSeconds = 120;

const nowMs = `local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

/** I am here. Answers how many are, and what time it is. */
const beat = `${nowMs}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
return {redis.call('ZCARD', KEYS[1]), now}`;

/** Lends up to ARGV[1] permits of this minute, of which there are ARGV[2]. */
const lend = `${nowMs}
local minute = math.floor(now / ${minuteMs})
local key = KEYS[1] .. ':' .. minute
local lent = tonumber(redis.call('GET', key) or '0')
local granted = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - lent))
if granted > 0 then
  redis.call('INCRBY', key, granted)
  redis.call('EXPIRE', key, ${keyLifeSeconds})
end
return {minute, granted, lent + granted}`;

/** Controller ARGV[1] wants to hold ARGV[2] of ARGV[3], and cannot hold less than ARGV[4]. */
const hold = `${nowMs}
local elsewhere = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if all[i] ~= ARGV[1] then
    local seen = redis.call('ZSCORE', KEYS[2], all[i])
    if seen and tonumber(seen) >= now - ARGV[5] then elsewhere = elsewhere + tonumber(all[i + 1])
    else redis.call('HDEL', KEYS[1], all[i]) end
  end
end
local held = math.max(tonumber(ARGV[4]), math.min(tonumber(ARGV[2]), tonumber(ARGV[3]) - elsewhere))
if held > 0 then redis.call('HSET', KEYS[1], ARGV[1], held) else redis.call('HDEL', KEYS[1], ARGV[1]) end
redis.call('EXPIRE', KEYS[1], ${keyLifeSeconds})
return {held, elsewhere}`;

export class RedisPermits implements PermitLender {
  private readonly redis: Redis;
  private readonly timer: NodeJS.Timeout;
  private connected = false;
  private controllers = 1;
  /** From the monotonic clock here to Redis' wall clock. */
  private offsetMs: number;
  private complaint = '';

  /** `url` may hold a password and is never logged; `me`: controller and incarnation. */
  constructor(
    url: string,
    private readonly me: string,
    private readonly limits: PermitLimits,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    const { throttleBeatMs, throttleWaitMs, reconnectMs } = limits;
    this.offsetMs = clock.wallMs() - clock.now();
    this.redis = new Redis(url, {
      connectionName: 'hearth-throttles',
      connectTimeout: 2 * throttleBeatMs,
      commandTimeout: throttleWaitMs,
      socketTimeout: 2 * throttleBeatMs,
      retryStrategy: () => reconnectMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    this.redis.on('ready', () => void this.beat());
    this.redis.on('error', (error: Error) => this.complain(error.message || error.name));
    this.redis.on('close', () => (this.connected = false));
    this.timer = setInterval(() => void this.beat(), throttleBeatMs);
  }

  /** Resolves once Redis has answered, or soon: until it does, this controller has its share. */
  async open(): Promise<void> {
    const until = this.clock.now() + 2 * this.limits.throttleBeatMs;
    while (!this.connected && this.clock.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  get isConnected(): boolean {
    return this.connected;
  }

  ownShare(limit: number): number | undefined {
    return this.connected ? undefined : this.shareOf(limit);
  }

  shareOf(limit: number): number {
    return limit === 0 ? 0 : Math.max(1, Math.floor(limit / this.controllers));
  }

  minuteAt(now: number): number {
    return Math.floor((now + this.offsetMs) / minuteMs);
  }

  async lend(rate: Rate, namespace: string, wanted: number, limit: number): Promise<Loan> {
    const key = `hearth:throttle:${rate}:${namespace}`;
    const [minute, granted, lent] = await this.run(lend, [key], [wanted, limit]);
    return { minute: minute!, granted: granted!, lent: lent! };
  }

  async hold(namespace: string, wanted: number, inFlight: number, limit: number): Promise<Holding> {
    const keys = [`hearth:throttle:held:${namespace}`, controllersKey];
    const [held, elsewhere] = await this.run(hold, keys, [
      ...[this.me, wanted, limit],
      ...[inFlight, this.limits.throttleDeadMs],
    ]);
    return { held: held!, elsewhere: elsewhere! };
  }

  /** What it holds is free at once. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    const wasConnected = this.connected;
    this.connected = false;
    // Whoever does not hear it, hears nothing of this controller for a while.
    if (wasConnected) await this.redis.zrem(controllersKey, this.me).catch(() => 0);
    this.redis.disconnect();
  }

  private async run(script: string, keys: readonly string[], words: readonly (string | number)[]): Promise<number[]> {
    try {
      return (await this.redis.eval(script, keys.length, ...keys, ...words)) as number[];
    } catch (error) {
      // The next beat that is answered connects it again.
      this.connected = false;
      this.complain((error as Error).message);
      throw error;
    }
  }

  private async beat(): Promise<void> {
    if (this.redis.status !== 'ready') return;
    const sentMs = this.clock.now();
    try {
      const { throttleDeadMs } = this.limits;
      const [controllers, redisMs] = await this.run(beat, [controllersKey], [this.me, throttleDeadMs]);
      this.controllers = Math.max(1, controllers!);
      this.offsetMs = redisMs! - (sentMs + this.clock.now()) / 2;
      this.connected = true;
      if (this.complaint !== '') this.logger.info('throttles: limits are kept across controllers again');
      this.complaint = '';
    } catch (error) {
      this.complain((error as Error).message);
    }
  }

  /** Said once for each cause, not at each attempt. */
  private complain(why: string): void {
    if (why === this.complaint) return;
    this.complaint = why;
    this.logger.warn(`throttles: trouble with Redis (${why}); each of ${this.controllers} controllers keeps its share`);
  }
}
