// Runs a redis-server and ends with it: when it dies so does this process, and the supervisor starts both again.
//
// Guarantees: ready once it answers; every write is appended to its file before a second has passed; the password is in a file that
// only its owner can read, never on a command line; a redis-server that a killed keeper left behind is ended first.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { listenAddress, readSettings } from '#config';
import { type App, identify, isAlive, type ProcessIdentity, sayReady } from '#lifecycle';
import type { Logger } from '#telemetry';
import { makeDirectory } from './make-directory';

const lookAgainMs = 20;
const stopMs = 5_000;

const shape = {
  REDIS_BINARY: z.string(),
  REDIS_LISTEN: listenAddress,
  REDIS_PASSWORD: z.string().min(1),
  REDIS_DIRECTORY: z.string().startsWith('/'),
};
export type KeeperSettings = ReturnType<typeof readKeeperSettings>;

export const readKeeperSettings = (env: NodeJS.ProcessEnv) => readSettings(shape, env);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function startRedis(settings: KeeperSettings, logger: Logger): Promise<App> {
  const { REDIS_BINARY: binary, REDIS_DIRECTORY: directory } = settings;
  makeDirectory(directory);
  await endLeftover(directory, logger);
  const configuration = join(directory, 'redis.conf');
  writeFileSync(configuration, configurationOf(settings), { mode: 0o600 });
  // In a session of its own: an interrupt at the terminal is for the supervisor, which ends Redis last.
  const child = spawn(binary, [configuration], { stdio: 'ignore', env: { PATH: process.env.PATH }, detached: true });
  await once(child, 'spawn');
  const identity = identify(child.pid!);
  if (identity) writeFileSync(pidFile(directory), JSON.stringify(identity), { mode: 0o600 });
  let isStopping = false;
  child.once('exit', (code, signal) => {
    if (isStopping) return;
    logger.error(`redis: ended (${signal ?? `exit code ${code}`}); its log is ${join(directory, 'redis.log')}`);
    process.exit(1);
  });
  await answers(settings);
  sayReady();
  return {
    stop: async () => {
      isStopping = true;
      await end(child);
      rmSync(pidFile(directory), { force: true });
    },
  };
}

const pidFile = (directory: string): string => join(directory, 'redis.pid.json');

function configurationOf({ REDIS_LISTEN: { host, port }, REDIS_PASSWORD, REDIS_DIRECTORY }: KeeperSettings): string {
  const lines = {
    bind: host,
    port,
    dir: JSON.stringify(REDIS_DIRECTORY),
    logfile: JSON.stringify(join(REDIS_DIRECTORY, 'redis.log')),
    requirepass: REDIS_PASSWORD,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('');
}

/** Resolves once it does. The supervisor gives up waiting, and its death ends this process. */
async function answers({ REDIS_LISTEN: { host, port }, REDIS_PASSWORD: password }: KeeperSettings): Promise<void> {
  const redis = new Redis({ host, port, password, retryStrategy: () => lookAgainMs, maxRetriesPerRequest: null });
  // It refuses connections until it listens; asking goes on.
  redis.on('error', () => undefined);
  try {
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(overdue);
}

async function endLeftover(directory: string, logger: Logger): Promise<void> {
  const left = readIdentity(pidFile(directory));
  if (!left || !isAlive(left)) return;
  logger.warn(`redis: ending process ${left.pid}, which a killed keeper left behind`);
  process.kill(left.pid, 'SIGTERM');
  for (let waitedMs = 0; isAlive(left); waitedMs += lookAgainMs) {
    if (waitedMs === stopMs) process.kill(left.pid, 'SIGKILL');
    await pause(lookAgainMs);
  }
}

function readIdentity(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
