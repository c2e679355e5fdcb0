// The scheduler's settings, read once from the environment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { listenAddress, readSettings, secret } from '#config';
import { readRuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import type { StemCells } from './core/stem-cells';

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface SchedulerConfig {
  readonly schedulerId: string;
  /** Lock and epoch counter of local leadership. */
  readonly leaderFolder: string;
  /** Share-states and heartbeat. */
  readonly listen: ListenAddress;
  readonly adminListen: ListenAddress;
  readonly clusterSecret: string;
  readonly agentToken: string;
  readonly adminToken: string;
  readonly stemCells: readonly StemCells[];
  readonly limits: Limits;
}

const shape = {
  HEARTH_DATA_DIR: z.string().startsWith('/', 'expected an absolute path'),
  CLUSTER_SECRET: secret,
  AGENT_TOKEN: secret,
  ADMIN_TOKEN: secret,
  SCHEDULER_ID: z.string().min(1).max(256).default('scheduler0'),
  SCHEDULER_LISTEN: listenAddress.prefault('127.0.0.1:3234'),
  ADMIN_LISTEN: listenAddress.prefault('127.0.0.1:3236'),
  LEADER_LOCK: z.literal('local', 'only "local" is known').default('local'),
  RUNTIMES_MANIFEST: z.string().default(join(__dirname, '../../../../docker/runtimes.json')),
  KINDS: z.string().optional(),
};

/** The kinds that KINDS lists; undefined = all. */
function kindsOf(list: string | undefined): string[] | undefined {
  const kinds = list?.split(',').map((kind) => kind.trim());
  return kinds?.filter((kind) => kind !== '');
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): SchedulerConfig {
  const settings = readSettings(shape, env);
  const manifest: unknown = JSON.parse(readFileSync(settings.RUNTIMES_MANIFEST, 'utf8'));
  return {
    schedulerId: settings.SCHEDULER_ID,
    leaderFolder: join(settings.HEARTH_DATA_DIR, 'scheduler'),
    listen: settings.SCHEDULER_LISTEN,
    adminListen: settings.ADMIN_LISTEN,
    clusterSecret: settings.CLUSTER_SECRET,
    agentToken: settings.AGENT_TOKEN,
    adminToken: settings.ADMIN_TOKEN,
    stemCells: readRuntimesManifest(manifest, kindsOf(settings.KINDS)).stemCells,
    limits: settings.limits,
  };
}
