// kill -9 of the agent, of the Docker Engine, and of both, while clients call: afterwards everything is served again, every activation that was told
// has its one record, and no container is anywhere that the agent does not know, least of all a frozen one.
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentContainer, Inventory } from '#protocol';
import { commandOf, Dockerd } from '../support/dockerd';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

jest.setTimeout(180_000);

const clients = 4;
const recoveryMs = 60_000;

interface Told {
  readonly client: number;
  readonly status: number;
  readonly begunMs: number;
  readonly activationId: string | undefined;
}

/** Of one container, in whatever hierarchies this machine has. */
const cgroupsOf = (id: string): string[] =>
  ['', ...readdirSync('/sys/fs/cgroup').map((name) => `/${name}`)]
    .flatMap((hierarchy) =>
      [`docker/${id}`, `system.slice/docker-${id}.scope`].map((at) => `/sys/fs/cgroup${hierarchy}/${at}`),
    )
    .filter((path) => existsSync(path));

/**
 * But for a `runc init`: an engine that is killed between making a container and starting it forgets this one, which waits to be started and in which
 * nothing of an action has run. Nobody who has only the engine to ask can see or end it.
 */
const processesIn = (path: string): string[] =>
  readFileSync(`${path}/cgroup.procs`, 'utf8')
    .split('\n')
    .filter((pid) => pid !== '' && commandOf(pid).join(' ') !== 'runc init');

/** What just ended in it may keep it for a moment. */
function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
  return true;
}

function isFrozenAt(path: string): boolean {
  if (existsSync(`${path}/freezer.state`)) return readFileSync(`${path}/freezer.state`, 'utf8') !== 'THAWED\n';
  return existsSync(`${path}/cgroup.events`) && /^frozen 1$/m.test(readFileSync(`${path}/cgroup.events`, 'utf8'));
}

describe('kills under load of clients, with Docker', () => {
  let engine: Dockerd;
  let platform: Platform;
  let guest: Guest;
  const told: Told[] = [];
  /** The engine's ids of all containers that there ever were. */
  const seen = new Set<string>();
  let isLoaded = true;
  let load: Promise<unknown>;

  /** Each calls an action of its own, with pauses in which its container is suspended. */
  async function call(client: number): Promise<void> {
    for (let n = 0; isLoaded; n += 1) {
      const begunMs = performance.now();
      const { status, json } = await guest.invoke(`load${client}`, { n }, 'blocking=true');
      told.push({ client, status, begunMs, activationId: json.activationId as string | undefined });
      await sleep(n % 3 === 0 ? 400 : 20);
    }
  }

  async function look(): Promise<void> {
    const { json } = await engine.ask('GET', '/containers/json?all=true');
    for (const { Id } of json as { Id: string }[]) seen.add(Id);
  }

  beforeAll(async () => {
    engine = await Dockerd.start();
    const env = { CONTAINER_DRIVER: 'docker', DOCKER_SOCKET: engine.socket, LIMIT_SUSPEND_GRACE_MS: '50' };
    platform = await startPlatform({ kinds: 'nodejs:20', env });
    guest = new Guest(platform);
    for (let client = 0; client < clients; client += 1)
      await guest.putAction(`load${client}`, 'const main = ({ n }) => { console.log(n); return { n } }', {
        limits: { memory: 128 },
      });
    load = Promise.all(Array.from({ length: clients }, (_, client) => call(client)));
    await allServed(performance.now());
  });
  afterAll(async () => {
    isLoaded = false;
    await load;
    await platform?.stop();
    expect(await engine?.containers()).toEqual([]);
    expect(await engine?.networks()).toEqual([]);
    await engine?.end();
    for (const path of [...seen].flatMap(cgroupsOf)) await until(`${path} is removed`, () => isRemoved(path));
  });

  /** Every client has had an answer to a call that it began later than that. */
  async function allServed(sinceMs: number): Promise<void> {
    const isServed = (client: number): boolean =>
      told.some((one) => one.client === client && one.begunMs > sinceMs && one.status === 200);
    const all = Array.from({ length: clients }, (_, client) => client);
    await until('every client is served again', () => all.every(isServed), recoveryMs);
    await look();
  }

  async function someoneSuspended(): Promise<void> {
    const isSuspended = async (): Promise<boolean> => (await known()).some(({ state }) => state === 'suspended');
    // An agent that was started anew suspends nothing for one use lease.
    await until('a container is suspended', isSuspended, recoveryMs);
  }

  async function known(): Promise<AgentContainer[]> {
    const headers = { authorization: `Bearer ${platform.secrets.AGENT_TOKEN}` };
    const answer = await fetch(`${platform.agentUrl}/containers`, { headers });
    return ((await answer.json()) as Inventory).containers;
  }

  const killAgent = async (): Promise<void> => {
    const killed = platform.kill('agent');
    // Without its engine it cannot start, and is tried more and more seldom.
    await until(
      'the agent runs again',
      () => platform.record.isReady && platform.pid('agent') !== undefined && platform.pid('agent') !== killed,
      recoveryMs,
    );
  };
  const killEngine = async (): Promise<void> => {
    await engine.kill();
    await sleep(1_000);
    await engine.restart();
  };

  it.each([
    ['the agent', killAgent],
    ['the engine', killEngine],
    ['the engine, and the agent while it is away', async () => void (await Promise.all([killEngine(), killAgent()]))],
    ['the agent again', killAgent],
  ])('%s', async (_what, kill) => {
    await someoneSuspended();
    await look();
    await kill();
    const [backMs, before] = [performance.now(), told.length];
    await allServed(backMs);
    const failed = told.slice(before).filter(({ status }) => status !== 200).length;
    process.stdout.write(
      `      served again ${Math.round(performance.now() - backMs)} ms after it was back; ${failed} calls failed\n`,
    );
  });

  it('have left every activation its record, and no container that nobody knows', async () => {
    isLoaded = false;
    await load;
    for (const activationId of new Set(told.map(({ activationId: id }) => id)))
      if (activationId !== undefined) await guest.record(activationId);
    const nameOf = (name: string): string => name.replace(/^hearth-[0-9a-f]+-/, '');
    await until('engine and agent know the same containers', async () => {
      const [there, listed] = [await engine.containers(), await known()];
      return JSON.stringify(there.map(nameOf).sort()) === JSON.stringify(listed.map(({ id }) => id).sort());
    });
    await look();
    const { json } = await engine.ask('GET', '/containers/json?all=true');
    const living = new Map(
      (json as { Id: string; Names: string[] }[]).map(({ Id, Names }) => [Id, Names[0]!.slice(1)]),
    );
    const states = new Map((await known()).map(({ id, state }) => [id, state]));
    expect(seen.size).toBeGreaterThan(living.size);
    for (const id of seen) {
      const isFrozen = cgroupsOf(id).some((path) => isFrozenAt(path));
      if (living.has(id))
        expect([id, isFrozen && states.get(nameOf(living.get(id)!))]).toEqual([id, isFrozen && 'suspended']);
      // An engine that is killed may leave a cgroup, but nothing in it.
      else expect([id, isFrozen, cgroupsOf(id).flatMap(processesIn)]).toEqual([id, false, []]);
    }
    const statuses = told.map(({ status }) => status);
    process.stdout.write(
      `      ${told.length} calls, ${statuses.filter((status) => status !== 200).length} failed; ${seen.size} containers, ${living.size} left\n`,
    );
  });
});
