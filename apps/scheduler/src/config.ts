// The scheduler's settings, read once from the environment.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BadSettings, listenAddress, productFile, readSettings, secret } from '#config';
import { readRuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import { keepAlives, placements, type PolicyNames, prewarms, reclaimOrders } from './core/policies';
import type { StemCells } from './core/stem-cells';

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How the leader is found among several schedulers. */
export interface RedisLeadership {
  readonly url: string;
  /** host:port by which controllers and agents reach this scheduler; undefined: where it listens. */
  readonly advertise: string | undefined;
  /** As much for admin. */
  readonly adminAdvertise: string | undefined;
}

export interface SchedulerConfig {
  readonly schedulerId: string;
  /** Lock and epoch counter of local leadership. */
  readonly leaderFolder: string;
  /** Undefined: local leadership, one scheduler. */
  readonly redis?: RedisLeadership;
  /** Share-states and heartbeat. */
  readonly listen: ListenAddress;
  readonly adminListen: ListenAddress;
  readonly clusterSecret: string;
  readonly agentToken: string;
  readonly adminToken: string;
  readonly stemCells: readonly StemCells[];
  /** Left out: the defaults. */
  readonly policies?: PolicyNames | undefined;
  /** Kinds whose used containers may be wiped for another action of their namespace. */
  readonly reuse?: ReadonlySet<string> | undefined;
  readonly limits: Limits;
}

const reachable = z.string().regex(/^[^:]+:[1-9]\d{0,4}$/, 'expected host:port, as others reach it');

const shape = {
  HEARTH_DATA_DIR: z.string().startsWith('/', 'expected an absolute path'),
  CLUSTER_SECRET: secret,
  AGENT_TOKEN: secret,
  ADMIN_TOKEN: secret,
  SCHEDULER_ID: z.string().min(1).max(256).default('scheduler0'),
  SCHEDULER_LISTEN: listenAddress.prefault('127.0.0.1:3234'),
  ADMIN_LISTEN: listenAddress.prefault('127.0.0.1:3236'),
  LEADER_LOCK: z.enum(['local', 'redis'], 'expected local or redis').default('local'),
  /** Databases 0 to 15: redlock selects 0 for any other. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/[^/]+(\/(\d|1[0-5])?)?$/, 'expected redis://host:port, with /0 to /15 for a database')
    .optional(),
  SCHEDULER_ADVERTISE: reachable.optional(),
  ADMIN_ADVERTISE: reachable.optional(),
  RUNTIMES_MANIFEST: z.string().optional(),
  KINDS: z.string().optional(),
  PLACEMENT_POLICY: policy(placements, 'least-loaded'),
  RECLAIM_POLICY: policy(reclaimOrders, 'lru'),
  PREWARM_POLICY: policy(prewarms, 'fixed'),
  KEEP_ALIVE_POLICY: policy(keepAlives, 'fixed'),
  REUSE: z.enum(['none', 'same-namespace'], 'expected none or same-namespace').default('none'),
};

/** One of these names. */
function policy<K extends string>(named: Readonly<Record<K, unknown>>, usual: NoInfer<K>) {
  const names = Object.keys(named) as [K, ...K[]];
  return z.enum(names, `expected ${names.join(', ')}`).default(() => usual);
}

/** The kinds that KINDS lists; undefined = all. */
function kindsOf(list: string | undefined): string[] | undefined {
  const kinds = list?.split(',').map((kind) => kind.trim());
  return kinds?.filter((kind) => kind !== '');
}

interface LeadershipSettings {
  readonly REDIS_URL?: string | undefined;
  readonly SCHEDULER_LISTEN: ListenAddress;
  readonly SCHEDULER_ADVERTISE?: string | undefined;
  readonly ADMIN_LISTEN: ListenAddress;
  readonly ADMIN_ADVERTISE?: string | undefined;
}

function redisLeadership(settings: LeadershipSettings): RedisLeadership {
  const { REDIS_URL: url, SCHEDULER_ADVERTISE: advertise, ADMIN_ADVERTISE: adminAdvertise } = settings;
  const complaints =
    url === undefined ? ['LEADER_LOCK is "redis" and REDIS_URL is not set: expected redis://host:port.'] : [];
  const named = [
    ['SCHEDULER', settings.SCHEDULER_LISTEN, advertise],
    ['ADMIN', settings.ADMIN_LISTEN, adminAdvertise],
  ] as const;
  for (const [name, { host }, address] of named) {
    if (address !== undefined || !/^(0\.0\.0\.0|\[?::\]?)$/.test(host)) continue;
    complaints.push(
      `${name}_LISTEN is on every address and ${name}_ADVERTISE is not set: expected host:port, as others reach it.`,
    );
  }
  if (complaints.length > 0 || url === undefined) throw new BadSettings(complaints);
  return { url, advertise, adminAdvertise };
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): SchedulerConfig {
  const settings = readSettings(shape, env);
  const content: unknown = JSON.parse(
    readFileSync(settings.RUNTIMES_MANIFEST ?? productFile('docker/runtimes.json'), 'utf8'),
  );
  const manifest = readRuntimesManifest(content, kindsOf(settings.KINDS));
  return {
    schedulerId: settings.SCHEDULER_ID,
    leaderFolder: join(settings.HEARTH_DATA_DIR, 'scheduler'),
    redis: settings.LEADER_LOCK === 'redis' ? redisLeadership(settings) : undefined,
    listen: settings.SCHEDULER_LISTEN,
    adminListen: settings.ADMIN_LISTEN,
    clusterSecret: settings.CLUSTER_SECRET,
    agentToken: settings.AGENT_TOKEN,
    adminToken: settings.ADMIN_TOKEN,
    stemCells: manifest.stemCells,
    policies: {
      placement: settings.PLACEMENT_POLICY,
      reclaim: settings.RECLAIM_POLICY,
      prewarm: settings.PREWARM_POLICY,
      keepAlive: settings.KEEP_ALIVE_POLICY,
    },
    reuse: settings.REUSE === 'none' ? undefined : new Set(manifest.wipeableKinds),
    limits: settings.limits,
  };
}
