// Cache invalidation between controllers by Redis publish/subscribe, on one connection (RESP3) that listens and tells.
//
// Guarantees: when the subscription is lost, and again when it is back, holders forget everything; while it is lost, entries live for
// `cacheStaleMs`. A Redis that stands still counts as lost after two pings without an answer. What could not be told is kept, up to a bound
// beyond which the others are told to forget everything, and told when Redis is back. A controller that dies before that leaves others
// stale for `cacheMs` at most.
import { Redis } from 'ioredis';
import { readStale, staleChannel, staleText } from '#invalidation';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';

const everything: Stale = { kind: 'all', name: '' };

type InvalidationLimits = Pick<
  Limits,
  'cacheMs' | 'cacheStaleMs' | 'invalidationPingMs' | 'invalidationWaitMs' | 'invalidationPendingCount' | 'reconnectMs'
>;

export class RedisInvalidation implements CacheInvalidation {
  private readonly redis: Redis;
  private readonly channel: string;
  private readonly holders = new Set<CacheHolder>();
  private readonly pending = new Map<string, Stale>();
  private readonly ping: NodeJS.Timeout;
  private arrives = false;
  private complaint = '';
  private begun: () => void = () => undefined;

  /** `url` may hold a password and is never logged. */
  constructor(
    url: string,
    private readonly limits: InvalidationLimits,
    private readonly logger: Logger,
  ) {
    const { invalidationPingMs, reconnectMs } = limits;
    this.redis = new Redis(url, {
      connectionName: 'hearth-invalidation',
      protocol: 3,
      connectTimeout: 2 * invalidationPingMs,
      commandTimeout: 2 * invalidationPingMs,
      // A connection on which nothing comes back is given up, and with it the subscription.
      socketTimeout: 2 * invalidationPingMs,
      retryStrategy: () => reconnectMs,
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    this.channel = staleChannel(this.redis.options.db ?? 0);
    this.redis.on('ready', () => void this.subscribe());
    this.redis.on('error', (error: Error) => this.complain(error.message || error.name));
    this.redis.on('close', () => this.lost('the connection was closed'));
    this.redis.on('message', (_channel: string, text: string) => this.heard(text));
    this.ping = setInterval(() => void this.check(), invalidationPingMs);
  }

  get entryMs(): number {
    return this.arrives ? this.limits.cacheMs : this.limits.cacheStaleMs;
  }

  get isConnected(): boolean {
    return this.arrives;
  }

  join(holder: CacheHolder): void {
    this.holders.add(holder);
  }

  /** Resolves once subscribed, or soon: caches then have short lives until it is. */
  async open(): Promise<void> {
    const begun = new Promise<void>((resolve) => (this.begun = resolve));
    if (!this.arrives) await within(begun, 2 * this.limits.invalidationPingMs);
  }

  async tell(stale: Stale): Promise<void> {
    this.keep(stale);
    await within(this.flush(), this.limits.invalidationWaitMs);
  }

  close(): Promise<void> {
    clearInterval(this.ping);
    this.holders.clear();
    // What is closed on purpose is not lost.
    this.arrives = false;
    this.redis.disconnect();
    return Promise.resolve();
  }

  private async subscribe(): Promise<void> {
    try {
      await this.redis.subscribe(this.channel);
    } catch (error) {
      this.complain(String(error));
      // Not subscribed is not connected.
      return this.redis.disconnect(true);
    }
    if (this.complaint !== '') this.logger.info('caches: writes of other controllers arrive again');
    this.complaint = '';
    this.arrives = true;
    this.forget(everything);
    this.begun();
    await this.flush();
  }

  private lost(why: string): void {
    if (!this.arrives) return;
    this.arrives = false;
    this.complain(why);
    this.forget(everything);
  }

  /** Keeps the connection's time-out at work, and tells what is left over. */
  private async check(): Promise<void> {
    if (!this.arrives) return;
    try {
      await this.redis.ping();
      await this.flush();
    } catch (error) {
      this.complain(String(error));
    }
  }

  private heard(text: string): void {
    const stale = readStale(text);
    if (!stale) this.logger.warn('caches: a message could not be read; everything is forgotten');
    this.forget(stale ?? everything);
  }

  private forget(stale: Stale): void {
    for (const holder of this.holders) holder.forgetStale(stale);
  }

  private keep(stale: Stale): void {
    const isFull = this.pending.size >= this.limits.invalidationPendingCount;
    if (isFull) this.pending.clear();
    const { kind, name } = isFull ? everything : stale;
    this.pending.set(`${kind} ${name}`, { kind, name });
  }

  private async flush(): Promise<void> {
    if (!this.arrives || this.pending.size === 0) return;
    const sending = [...this.pending.values()];
    this.pending.clear();
    try {
      await Promise.all(sending.map((stale) => this.redis.publish(this.channel, staleText(stale))));
    } catch (error) {
      for (const stale of sending) this.keep(stale);
      this.complain(String(error));
    }
  }

  /** Said once for each cause, not at each attempt. */
  private complain(why: string): void {
    if (why === this.complaint) return;
    this.complaint = why;
    this.logger.warn(`caches: trouble with Redis (${why}); without it entries live for ${this.limits.cacheStaleMs} ms`);
  }
}

/** Resolves with the promise or after that time, whichever comes first. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
