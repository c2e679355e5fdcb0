// Decides what `hearth cluster` starts: several schedulers, controllers and agents on this machine, for trying what a cluster does.
//
// The controllers share one SQLite file, the schedulers one Redis: the one of REDIS_URL, or a private one in the data directory. What
// differs from one instance to the next is chosen here; setting it from outside is refused, since it could hold for one of them only.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '#config';
import type { Program } from './app-process';
import { type AppName, environmentOf, type Setting } from './environment';
import { findPython, kindsOf } from './kinds';
import { developmentLimits, firstInternalPort, instances, type Plan, portsBetween, portsOf, urlOf } from './plan-apps';
import { containerPortRange, freePorts, requireFree } from './ports';
import { planPrivateRedis, withoutPassword } from './private-redis';
import { openSecrets } from './secrets';
import { StartFailure } from './start-failure';

const sizes = {
  CLUSTER_SCHEDULERS: instances.default(2),
  CLUSTER_CONTROLLERS: instances.default(2),
  CLUSTER_AGENTS: instances.default(2),
};

/** Where the first instance of each app listens; the next one listens 10 ports above. */
const firstPorts = {
  API_LISTEN: 3_233,
  SCHEDULER_LISTEN: 3_234,
  AGENT_LISTEN: 3_235,
  ADMIN_LISTEN: 3_236,
  INTERNAL_LISTEN: firstInternalPort,
  REDIS_LISTEN: 3_238,
};
type Listener = keyof typeof firstPorts;

const chosenHere = [
  ...['API_LISTEN', 'SCHEDULER_LISTEN', 'AGENT_LISTEN', 'ADMIN_LISTEN', 'INTERNAL_LISTEN', 'INTERNAL_ADVERTISE'],
  ...['SCHEDULER_ADVERTISE', 'ADMIN_ADVERTISE', 'SCHEDULERS', 'AGENT_URL', 'API_HOST', 'CONTAINER_PORTS'],
  ...['CONTROLLERS', 'CONTROLLER_ID', 'SCHEDULER_ID', 'NODE_ID', 'LEADER_LOCK'],
];

const containerPorts = { first: 17_000, last: 18_999 };
const memoryMostMb = 8_192;
const memoryLeastMb = 256;

/** `count` parts of a range of ports, as `first-last` each. */
export function splitRange(range: string, count: number): string[] {
  const [first, last] = range.split('-').map(Number) as [number, number];
  const each = Math.floor((last - first + 1) / count);
  return Array.from({ length: count }, (_, at) => `${first + at * each}-${first + (at + 1) * each - 1}`);
}

/** host:port for each instance of each listener. */
async function chooseListeners(
  counts: Readonly<Record<Listener, number>>,
  areFree: boolean,
): Promise<Record<Listener, string[]>> {
  const names = Object.keys(firstPorts) as Listener[];
  const free = areFree ? await freePorts(names.reduce((sum, name) => sum + counts[name], 0)) : [];
  const portOf = (name: Listener, at: number): number => free.shift() ?? firstPorts[name] + at * portsBetween;
  const chosen = names.map((name) => [
    name,
    Array.from({ length: counts[name] }, (_, at) => `127.0.0.1:${portOf(name, at)}`),
  ]);
  return Object.fromEntries(chosen) as Record<Listener, string[]>;
}

function refuseWhatIsChosenHere(env: NodeJS.ProcessEnv): void {
  const set = chosenHere.filter((name) => env[name]);
  if (set.length === 0) return;
  throw new StartFailure(
    `cannot start a cluster here with ${set.join(', ')}: the command chooses it for each instance; unset it, or start the apps one by one.`,
  );
}

export async function planCluster(
  root: string,
  dataDirectory: string,
  settings: readonly Setting[],
  env: NodeJS.ProcessEnv,
): Promise<Plan> {
  refuseWhatIsChosenHere(env);
  const areFree = portsOf(env) === 'free';
  const size = readSettings(sizes, env);
  const [schedulers, controllers, agents] = [size.CLUSTER_SCHEDULERS, size.CLUSTER_CONTROLLERS, size.CLUSTER_AGENTS];
  const python = env.KINDS ? undefined : findPython(env);
  const listen = await chooseListeners(
    {
      API_LISTEN: controllers,
      SCHEDULER_LISTEN: schedulers,
      AGENT_LISTEN: agents,
      ADMIN_LISTEN: schedulers,
      INTERNAL_LISTEN: controllers,
      REDIS_LISTEN: env.REDIS_URL ? 0 : 1,
    },
    areFree,
  );
  const listeners = nameListeners(listen);
  await requireFree(listeners, () => 'let HEARTH_PORTS=free pick free ones');
  const [redisListen] = listen.REDIS_LISTEN;
  const redis = redisListen === undefined ? undefined : planPrivateRedis(root, dataDirectory, redisListen, env);
  const redisUrl = redis?.url ?? env.REDIS_URL ?? '';
  const range = areFree ? containerPortRange(process.pid) : `${containerPorts.first}-${containerPorts.last}`;
  const ranges = splitRange(range, agents);
  const halfMb = Math.min(memoryMostMb, Math.floor(totalmem() / 1_048_576 / 2));
  const shared: Record<string, string | undefined> = {
    ...developmentLimits,
    LOG_LEVEL: 'warn',
    NODE_MEMORY_MB: String(Math.max(memoryLeastMb, Math.floor(halfMb / agents))),
    ...openSecrets(dataDirectory),
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
    KINDS: env.KINDS || kindsOf(await python),
    HEARTH_DATA_DIR: dataDirectory,
    SCHEDULERS: listen.SCHEDULER_LISTEN.join(','),
    LEADER_LOCK: 'redis',
    REDIS_URL: redisUrl,
  };
  const program = (app: AppName, name: string, own: Record<string, string | undefined>): Program => ({
    name,
    script: join(root, 'dist/apps', app === 'agent' ? 'invoker-agent' : app, 'src/main.js'),
    env: environmentOf(app, settings, { ...shared, ...own }),
  });
  const each = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
  const agentUrls = listen.AGENT_LISTEN.map(urlOf);
  return {
    // In stop order: first who takes work, last who holds the containers, and what all need.
    programs: [
      ...each(controllers, (at) =>
        program('controller', `controller${at}`, {
          CONTROLLER_ID: `controller${at}`,
          API_LISTEN: listen.API_LISTEN[at],
          INTERNAL_LISTEN: listen.INTERNAL_LISTEN[at],
        }),
      ),
      ...each(schedulers, (at) =>
        program('scheduler', `scheduler${at}`, {
          SCHEDULER_ID: `scheduler${at}`,
          SCHEDULER_LISTEN: listen.SCHEDULER_LISTEN[at],
          ADMIN_LISTEN: listen.ADMIN_LISTEN[at],
        }),
      ),
      ...each(agents, (at) =>
        program('agent', `agent${at}`, {
          NODE_ID: `node${at}`,
          AGENT_LISTEN: listen.AGENT_LISTEN[at],
          AGENT_URL: agentUrls[at],
          CONTAINER_PORTS: ranges[at],
          API_HOST: urlOf(listen.API_LISTEN[at % controllers]!),
        }),
      ),
      ...(redis ? [redis.program] : []),
    ],
    listeners,
    apiHost: urlOf(listen.API_LISTEN[0]!),
    agentUrls,
    agentToken: shared.AGENT_TOKEN ?? '',
    kinds: shared.KINDS ?? '',
    more: [
      ['controllers', listen.API_LISTEN.map(urlOf).join('  ')],
      ['schedulers', `${listen.SCHEDULER_LISTEN.join('  ')}  (admin ${listen.ADMIN_LISTEN.join('  ')})`],
      ['agents', agentUrls.join('  ')],
      ['redis', redis ? `${redisListen}, private, in the data directory` : withoutPassword(redisUrl)],
    ],
  };
}

/** Named by instance and setting: `controller1.API_LISTEN`. */
function nameListeners(listen: Readonly<Record<Listener, readonly string[]>>): Record<string, string> {
  const apps: Record<Listener, string> = {
    API_LISTEN: 'controller',
    INTERNAL_LISTEN: 'controller',
    SCHEDULER_LISTEN: 'scheduler',
    ADMIN_LISTEN: 'scheduler',
    AGENT_LISTEN: 'agent',
    REDIS_LISTEN: 'redis',
  };
  const named = (Object.keys(apps) as Listener[]).flatMap((name) =>
    listen[name].map((address, at) => [`${apps[name]}${at}.${name}`, address] as const),
  );
  return Object.fromEntries(named);
}
