// A Redis of the cluster's own, where none is given: the `redis-server` of the PATH, on loopback, with its data in the data directory
// and a password that is new with each start and known to the apps only.
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Program } from './app-process';
import { StartFailure } from './start-failure';

const passwordBytes = 24;

/** Path of the first program of this name on the PATH. */
export function findProgram(name: string, { PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  return PATH.split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false; // Not there, or not for us: the next folder may have it.
      }
    });
}

export function planPrivateRedis(
  root: string,
  dataDirectory: string,
  listen: string,
  env: NodeJS.ProcessEnv,
): { program: Program; url: string } {
  const binary = findProgram('redis-server', env);
  if (binary === undefined) {
    throw new StartFailure(
      'cannot start a cluster: REDIS_URL is not set and there is no redis-server on the PATH; install it (Debian: apt-get install redis-server), or set REDIS_URL.',
    );
  }
  const password = randomBytes(passwordBytes).toString('hex');
  const { PATH = '' } = env;
  const program = {
    name: 'redis',
    script: join(root, 'dist/libs/supervisor/src/redis-keeper.main.js'),
    env: {
      PATH,
      LOG_LEVEL: env.LOG_LEVEL || 'warn',
      REDIS_BINARY: binary,
      REDIS_LISTEN: listen,
      REDIS_PASSWORD: password,
      REDIS_DIRECTORY: join(dataDirectory, 'redis'),
    },
  };
  return { program, url: `redis://:${password}@${listen}` };
}

/** For people to read. */
export const withoutPassword = (url: string): string => url.replace(/\/\/[^/]*@/, '//...@');
