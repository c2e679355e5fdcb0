// The controller's settings, read once from the environment. docs/operations.md lists them all.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { BadSettings, databaseUrl, listenAddress, productFile, readSettings, secret } from '#config';
import { readRuntimesManifest, type RuntimesManifest } from '#entity';

const list = z.string().transform((text) => text.split(',').map((item) => item.trim()));
/** A listener that binds to these has no address that it could tell others. */
const anyHost = new Set(['0.0.0.0', '[::]', '*']);
/** As many as ports are set aside for. */
const controllersMost = 9;
const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

/** A key as base64 of 32 bytes; never shown. */
const parameterKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'expected base64 of 32 bytes each, e.g. by openssl rand -base64 32')
  .transform((text) => Buffer.from(text, 'base64'));

const shape = {
  /** Absolute path; the journal lives in it, and the database if that is SQLite. */
  HEARTH_DATA_DIR: z.string().startsWith('/', 'expected an absolute path'),
  CLUSTER_SECRET: secret,
  AGENT_TOKEN: secret,
  API_LISTEN: listenAddress.default({ host: '127.0.0.1', port: 3233 }),
  /** Where other controllers forward invocations to; without it none do. */
  INTERNAL_LISTEN: listenAddress.optional(),
  /** host:port under which they reach it. */
  INTERNAL_ADVERTISE: z
    .string()
    .regex(/^[^\s:/]+:\d{1,5}$/, 'expected host:port')
    .optional(),
  /** How many controllers of one supervisor share the API port; with more than one it hands out the connections, and API_LISTEN is its own. */
  CONTROLLERS: z.coerce.number().int().min(1).max(controllersMost).default(1),
  /** A PostgreSQL instead of the SQLite file. */
  DATABASE_URL: databaseUrl.optional(),
  /** Caches of several controllers are invalidated through it. */
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'expected redis://host:port or rediss://host:port')
    .optional(),
  CONTROLLER_ID: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected letters, digits, - and _')
    .default('controller0'),
  /** gRPC addresses of the schedulers. */
  SCHEDULERS: list.default(['127.0.0.1:3234']),
  RUNTIMES_MANIFEST: z.string().optional(),
  /** Restricts the manifest to these kinds. */
  KINDS: list.optional(),
  /** `{namespace}.{WEB_DOMAIN}` is a host of that namespace's web actions. */
  WEB_DOMAIN: z
    .string()
    .regex(/^[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$/, 'expected a domain name')
    .transform((text) => text.toLowerCase())
    .optional(),
  /** OpenWhisk's public development credentials exist; by default only while nothing but loopback listens. */
  DEVELOPMENT_SUBJECTS: yesOrNo.optional(),
  /** The packages of /whisk.system are written into the store at the start. */
  SYSTEM_PACKAGES: yesOrNo.default(true),
  /** Values of parameters are sealed under it before they are stored; without it they are stored as they are. */
  PARAMETER_KEY: parameterKey.optional(),
  /** Those that sealed before: what they sealed is still read. */
  FORMER_PARAMETER_KEYS: list.pipe(z.array(parameterKey)).default([]),
  /** GET /health and /metrics on the API port; by default only while nothing but loopback listens. */
  METRICS: yesOrNo.optional(),
};

export type ControllerSettings = ReturnType<typeof readControllerSettings>;

export function readControllerSettings(env: NodeJS.ProcessEnv = process.env) {
  const settings = readSettings(shape, env);
  const { INTERNAL_LISTEN, INTERNAL_ADVERTISE } = settings;
  if (INTERNAL_ADVERTISE !== undefined && !INTERNAL_LISTEN)
    throw new BadSettings(['INTERNAL_ADVERTISE is set, but nothing listens there; set INTERNAL_LISTEN as well.']);
  if (INTERNAL_ADVERTISE === undefined && INTERNAL_LISTEN && anyHost.has(INTERNAL_LISTEN.host))
    throw new BadSettings([
      `INTERNAL_LISTEN is on every address (${INTERNAL_LISTEN.host}); set INTERNAL_ADVERTISE to the one that others reach.`,
    ]);
  if (settings.CONTROLLERS > 1 && !process.connected)
    throw new BadSettings([
      `CONTROLLERS is ${settings.CONTROLLERS}, but nobody hands out connections to this one; leave it to \`hearth start\`, or unset it.`,
    ]);
  const isLoopback = /^(127\.|localhost$|\[?::1)/.test(settings.API_LISTEN.host);
  return {
    ...settings,
    DEVELOPMENT_SUBJECTS: settings.DEVELOPMENT_SUBJECTS ?? isLoopback,
    METRICS: settings.METRICS ?? isLoopback,
    manifest: readManifest(settings.RUNTIMES_MANIFEST ?? productFile('docker/runtimes.json'), settings.KINDS),
  };
}

function readManifest(path: string, kinds: readonly string[] | undefined): RuntimesManifest {
  try {
    return readRuntimesManifest(JSON.parse(readFileSync(path, 'utf8')) as unknown, kinds);
  } catch (error) {
    throw new BadSettings([`${path}: ${error instanceof Error ? error.message : String(error)}`]);
  }
}
