// Tells running controllers what a command has written: those that share the data directory by a file, those of a cluster through Redis.
//
// Guarantee: it never fails. Whoever could not be told notices within the time that identities are cached for; the command says so.
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { systemClock } from '#clock';
import { type Stale, staleChannel, staleText, touchIdentitiesMark } from '#invalidation';

const redisMs = 2_000;

/** What went wrong, in a sentence for each. `redisUrl` may hold a password and is not told. */
export async function tellControllers(
  stales: readonly Stale[],
  dataDirectory: string,
  redisUrl: string | undefined,
): Promise<string[]> {
  const troubles: string[] = [];
  try {
    if (existsSync(dataDirectory)) touchIdentitiesMark(dataDirectory, systemClock.wallMs());
  } catch (error) {
    troubles.push(`controllers of ${dataDirectory} could not be told (${(error as Error).message})`);
  }
  if (redisUrl === undefined) return troubles;
  const redis = new Redis(redisUrl, {
    ...{ connectTimeout: redisMs, commandTimeout: redisMs, retryStrategy: () => null, maxRetriesPerRequest: 0 },
  });
  let trouble = '';
  redis.on('error', (error: Error) => (trouble = error.message || error.name));
  try {
    const channel = staleChannel(redis.options.db ?? 0);
    for (const stale of stales) await redis.publish(channel, staleText(stale));
  } catch (error) {
    troubles.push(`the controllers of REDIS_URL could not be told (${trouble || (error as Error).message})`);
  } finally {
    redis.disconnect();
  }
  return troubles;
}
