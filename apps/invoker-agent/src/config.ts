// The invoker agent's settings, read once from the environment.
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { databaseUrl, listenAddress, readSettings, secret } from '#config';
import { readRuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import { type DriverName, driverNames } from './choose-driver';
import { allowPattern } from './docker/isolation-rules';
import type { Egress } from './host/egress';
import { parseSubnet } from './host/subnets';
import { addressesOf, portRange } from './process/port-range';
import { reachabilities, type Reachability } from './reachability';

export interface DockerConfig {
  readonly socketPath: string;
  /** By kind. */
  readonly images: ReadonlyMap<string, string>;
  readonly reach: 'container' | 'published';
  readonly publishedAddresses: readonly string[];
  readonly subnet: string | undefined;
  readonly egress: Egress;
  readonly allow: readonly string[];
}

export interface AgentConfig {
  readonly nodeId: string;
  readonly dataDirectory: string;
  /** Of the store, if that is PostgreSQL. */
  readonly databaseUrl: string | undefined;
  /** This node's part of it. */
  readonly nodeDirectory: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Undefined: http:// and where it listens. */
  readonly agentUrl: string | undefined;
  readonly reachability: Reachability;
  readonly clusterSecret: string;
  readonly agentToken: string;
  readonly schedulers: readonly string[];
  readonly memoryMb: number;
  readonly parallelCreations: number;
  readonly driver: DriverName | 'auto';
  /** Of ports: where processes listen, and where containers are published. */
  readonly containerAddresses: readonly string[];
  readonly docker: DockerConfig;
  readonly apiHost: string;
  /** What the manifest offers, as KINDS restricts it. */
  readonly kinds: readonly string[];
  /** Of these, whose containers can be wiped for another action. */
  readonly wipeableKinds: readonly string[];
  readonly runtimesDirectory: string;
  /** The PATH that actions see. */
  readonly path: string;
  readonly limits: Limits;
}

/** Of the checkout: this file is in apps/invoker-agent/src, or in the same folder below dist. */
const above = resolve(__dirname, '../../..');
const root = basename(above) === 'dist' ? dirname(above) : above;
const bytesPerMb = 1_048_576;

const commaList = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const shape = {
  HEARTH_DATA_DIR: z.string().startsWith('/', 'expected an absolute path'),
  DATABASE_URL: databaseUrl.optional(),
  CLUSTER_SECRET: secret,
  AGENT_TOKEN: secret,
  NODE_ID: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/, 'expected letters, digits, _, . and -, and a letter or digit first')
    .default('node0'),
  AGENT_LISTEN: listenAddress.prefault('127.0.0.1:3235'),
  AGENT_URL: z.url('expected a URL').optional(),
  SCHEDULERS: z.string().default('127.0.0.1:3234').transform(commaList),
  CONTAINER_DRIVER: z.enum([...driverNames, 'auto'], 'expected process, docker, runc or auto').default('process'),
  DOCKER_SOCKET: z.string().startsWith('/', 'expected an absolute path').default('/var/run/docker.sock'),
  CONTAINER_REACH: z.enum(reachabilities, `expected one of ${reachabilities.join(', ')}`).default('container'),
  CONTAINER_PUBLISH_HOST: z.ipv4('expected an IPv4 address of this node').default('127.0.0.1'),
  CONTAINER_SUBNET: z
    .string()
    .refine((text) => (parseSubnet(text)?.bits ?? 32) <= 29, 'expected an IPv4 subnet, e.g. 10.200.0.0/22')
    .optional(),
  CONTAINER_EGRESS: z.enum(['internet', 'all', 'none'], 'expected internet, all or none').default('internet'),
  CONTAINER_ALLOW: z
    .string()
    .default('')
    .transform(commaList)
    .refine(
      (list) => list.every((entry) => allowPattern.test(entry)),
      'expected addresses or subnets, each with an optional :port',
    ),
  NODE_MEMORY_MB: z.coerce.number().int().min(1).optional(),
  CONTAINER_PORTS: portRange.prefault('17000-18999'),
  API_HOST: z.url('expected a URL').default('http://127.0.0.1:3233'),
  KINDS: z.string().transform(commaList).optional(),
  RUNTIMES_MANIFEST: z.string().default(join(root, 'docker/runtimes.json')),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
};

/** Half of the host's memory: the other half is for the apps, the system and its caches. */
const defaultMemoryMb = (): number => Math.min(8_192, Math.max(512, Math.floor(totalmem() / bytesPerMb / 2)));

export function readConfig(env: NodeJS.ProcessEnv = process.env): AgentConfig {
  const settings = readSettings(shape, env);
  const content: unknown = JSON.parse(readFileSync(settings.RUNTIMES_MANIFEST, 'utf8'));
  const manifest = readRuntimesManifest(content, settings.KINDS);
  return {
    nodeId: settings.NODE_ID,
    dataDirectory: settings.HEARTH_DATA_DIR,
    databaseUrl: settings.DATABASE_URL,
    nodeDirectory: join(settings.HEARTH_DATA_DIR, 'agent', settings.NODE_ID),
    listen: settings.AGENT_LISTEN,
    agentUrl: settings.AGENT_URL,
    reachability: settings.CONTAINER_REACH,
    clusterSecret: settings.CLUSTER_SECRET,
    agentToken: settings.AGENT_TOKEN,
    schedulers: settings.SCHEDULERS,
    memoryMb: settings.NODE_MEMORY_MB ?? defaultMemoryMb(),
    parallelCreations: settings.limits.creationsPerCoreCount * availableParallelism(),
    driver: settings.CONTAINER_DRIVER,
    containerAddresses: addressesOf('127.0.0.1', settings.CONTAINER_PORTS),
    docker: {
      socketPath: settings.DOCKER_SOCKET,
      images: new Map(manifest.kinds.map((kind) => [kind, manifest.runtime(kind)!.image])),
      reach: settings.CONTAINER_REACH === 'published' ? 'published' : 'container',
      publishedAddresses: addressesOf(settings.CONTAINER_PUBLISH_HOST, settings.CONTAINER_PORTS),
      subnet: settings.CONTAINER_SUBNET,
      egress: settings.CONTAINER_EGRESS,
      allow: settings.CONTAINER_ALLOW,
    },
    apiHost: settings.API_HOST,
    kinds: manifest.kinds,
    wipeableKinds: manifest.wipeableKinds,
    runtimesDirectory: join(root, 'docker/action-runtimes'),
    path: settings.PATH,
    limits: settings.limits,
  };
}
