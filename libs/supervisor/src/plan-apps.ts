// Decides what `hearth start` starts: the three programs with their environment, where they listen, which kinds they offer.
import { join } from 'node:path';
import { readSettings } from '#config';
import { z } from 'zod';
import type { Program } from './app-process';
import { type AppName, environmentOf, type Setting } from './environment';
import { findPython, kindsOf } from './kinds';
import { containerPortRange, freePorts, requireFree } from './ports';
import { openSecrets } from './secrets';
import { StartFailure } from './start-failure';
import type { Shared } from './supervisor';

/** What to start, and what to tell about it. */
export interface Plan {
  /** In the order in which they are stopped. */
  readonly programs: readonly Program[];
  readonly listeners: Readonly<Record<string, string>>;
  /** http://host:port of the first controller. */
  readonly apiHost: string;
  /** Of every agent, for the use leases of controllers that die. */
  readonly agentUrls: readonly string[];
  readonly agentToken: string;
  readonly kinds: string;
  /** Several controllers behind one port. */
  readonly shared?: Shared;
  /** What is printed about addresses, beyond the API host; name and text each. */
  readonly more: readonly (readonly [string, string])[];
}

/** In stop order: first who takes work, last who holds the containers. */
const scripts: readonly [AppName, string][] = [
  ['controller', 'apps/controller'],
  ['scheduler', 'apps/scheduler'],
  ['agent', 'apps/invoker-agent'],
];

/** Instances of one app on this machine; more than these would not fit into the ports between them. */
export const instances = z.coerce.number().int().min(1).max(9);
/** The next instance listens so much above. */
export const portsBetween = 10;
export const firstInternalPort = 3_237;

const defaultListeners = {
  API_LISTEN: '127.0.0.1:3233',
  SCHEDULER_LISTEN: '127.0.0.1:3234',
  AGENT_LISTEN: '127.0.0.1:3235',
  ADMIN_LISTEN: '127.0.0.1:3236',
};
type Listeners = typeof defaultListeners;

async function chooseListeners(env: NodeJS.ProcessEnv): Promise<Listeners> {
  const names = Object.keys(defaultListeners) as (keyof Listeners)[];
  const free = env.HEARTH_PORTS === 'free' ? await freePorts(names.length) : [];
  const chosen = names.map((name, at) => {
    const fallback = free[at] === undefined ? defaultListeners[name] : `127.0.0.1:${free[at]}`;
    return [name, env[name] || fallback] as const;
  });
  return Object.fromEntries(chosen) as Listeners;
}

/** On a development machine nobody is throttled unless the user asks for it; a cluster keeps OpenWhisk's defaults. */
const beyondReach = '1000000000';
export const developmentLimits = {
  LIMIT_NAMESPACE_INVOCATIONS_PER_MINUTE: beyondReach,
  LIMIT_NAMESPACE_CONCURRENT_INVOCATIONS_COUNT: beyondReach,
  LIMIT_NAMESPACE_FIRES_PER_MINUTE: beyondReach,
};

/** A listener on all addresses is reached by loopback from here. */
export const urlOf = (listener: string): string =>
  `http://${listener.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, '127.0.0.1')}`;

/** HEARTH_PORTS, checked. */
export function portsOf(env: NodeJS.ProcessEnv): 'default' | 'free' {
  const ports = env.HEARTH_PORTS || 'default';
  if (ports !== 'free' && ports !== 'default') {
    throw new StartFailure(`HEARTH_PORTS is "${ports}"; set free or default, or unset it.`);
  }
  return ports;
}

/** Where controllers that share the API port take what others forward to them. */
async function internalListeners(count: number, areFree: boolean, env: NodeJS.ProcessEnv): Promise<string[]> {
  const set = ['CONTROLLER_ID', 'INTERNAL_LISTEN', 'INTERNAL_ADVERTISE'].filter((name) => env[name]);
  if (set.length > 0)
    throw new StartFailure(
      `cannot start ${count} controllers with ${set.join(', ')}: it is chosen for each of them; unset it, or set CONTROLLERS to 1.`,
    );
  const ports = areFree
    ? await freePorts(count)
    : Array.from({ length: count }, (_, at) => firstInternalPort + at * portsBetween);
  return ports.map((port) => `127.0.0.1:${port}`);
}

export async function planApps(
  root: string,
  dataDirectory: string,
  settings: readonly Setting[],
  env: NodeJS.ProcessEnv,
): Promise<Plan> {
  const ports = portsOf(env);
  const count = readSettings({ CONTROLLERS: instances.default(1) }, env).CONTROLLERS;
  const python = env.KINDS ? undefined : findPython(env);
  const listeners = await chooseListeners(env);
  const internal = count > 1 ? await internalListeners(count, ports === 'free', env) : [];
  await requireFree({
    ...listeners,
    ...Object.fromEntries(internal.map((at, index) => [`INTERNAL_LISTEN ${index}`, at])),
  });
  const secrets = openSecrets(dataDirectory);
  const apiHost = urlOf(listeners.API_LISTEN);
  const variables: Record<string, string | undefined> = {
    ...developmentLimits,
    LOG_LEVEL: 'warn',
    CONTAINER_PORTS: ports === 'free' ? containerPortRange(process.pid) : undefined,
    SCHEDULERS: listeners.SCHEDULER_LISTEN,
    AGENT_URL: urlOf(listeners.AGENT_LISTEN),
    API_HOST: apiHost,
    ...secrets,
    ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')),
    ...listeners,
    KINDS: env.KINDS || kindsOf(await python),
    HEARTH_DATA_DIR: dataDirectory,
  };
  const program = (name: AppName, folder: string, own: Record<string, string> = {}, as: string = name): Program => ({
    name: as,
    script: join(root, 'dist', folder, 'src/main.js'),
    env: environmentOf(name, settings, { ...variables, ...own }),
  });
  const programs = scripts.flatMap(([name, folder]) =>
    name === 'controller' && count > 1
      ? internal.map((INTERNAL_LISTEN, at) => {
          const CONTROLLER_ID = `controller${at}`;
          return program(name, folder, { CONTROLLER_ID, INTERNAL_LISTEN }, CONTROLLER_ID);
        })
      : [program(name, folder)],
  );
  return {
    programs,
    ...(count > 1 && {
      shared: { listener: listeners.API_LISTEN, names: internal.map((_, at) => `controller${at}`) },
    }),
    listeners,
    apiHost,
    agentUrls: [variables.AGENT_URL ?? ''],
    agentToken: variables.AGENT_TOKEN ?? '',
    kinds: variables.KINDS ?? '',
    more: [],
  };
}
