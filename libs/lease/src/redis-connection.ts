// The connection on which leadership is asked for. It never queues: a command whose answer does not come in time, or that cannot be
// sent at once, fails, since an answer that is older than the lease is worth nothing.
import { Redis } from 'ioredis';
import type { Logger } from '#telemetry';

export interface RedisConnectionSettings {
  readonly url: string;
  /** How long one command may take. */
  readonly answerMs: number;
  /** Between two attempts to connect. */
  readonly reconnectMs: number;
}

/** Connects in the background, again and again; says once for each cause why it cannot. */
export function connectRedis({ url, answerMs, reconnectMs }: RedisConnectionSettings, logger: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: 'hearth-leader',
    commandTimeout: answerMs,
    connectTimeout: answerMs,
    // A connection that was cut silently is given up as well, not only the commands on it.
    socketTimeout: 2 * answerMs,
    retryStrategy: () => reconnectMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  let complaint = '';
  redis.on('error', (error: Error) => {
    if (error.message === complaint) return;
    complaint = error.message;
    logger.warn(`redis: no connection (${complaint || error.name}); trying again`);
  });
  redis.on('ready', () => {
    if (complaint !== '') logger.info('redis: connected again');
    complaint = '';
  });
  return redis;
}
