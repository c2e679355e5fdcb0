import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'undici';
import { identify, statFields } from '#lifecycle';
import { silentLogger } from '#telemetry';
import { AddressInUse } from '../container-driver';
import { describeContract } from '../../../../docker/action-runtimes/contract';
import { nodejs, python } from '../../../../docker/action-runtimes/dialects';
import type { StartContainer } from '../../../../docker/action-runtimes/runtime-process';
import { driverStarter } from '../../../../test/support/driver-containers';
import { describeContainerDriver } from '../container-driver.conformance';
import { dieWithParent, findLaunchers, yieldOnWaking } from './launchers';
import { addressesOf, portRange } from './port-range';
import { processesAtHomeBelow } from './proc-table';
import { ProcessDriver, type ProcessDriverSettings } from './process-driver';

const runtimesDirectory = resolve(__dirname, '../../../../docker/action-runtimes');
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-driver-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Ports that nothing uses now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

async function settings(name: string, ports = 30): Promise<ProcessDriverSettings> {
  const launchers = await findLaunchers(runtimesDirectory);
  launchers.set('silent', { command: () => [process.execPath, '-e', 'setInterval(() => {}, 1000)'] });
  launchers.set('broken', { command: () => [process.execPath, '-e', 'console.error("no luck"); process.exit(7)'] });
  launchers.set('missing', { command: () => ['/no/such/program'] });
  const free = await Promise.all(Array.from({ length: ports }, freePort));
  return {
    containersDirectory: join(directory, name),
    kinds: ['nodejs:20', 'python:3', 'silent:1', 'broken:1', 'missing:1', 'cobol:60'],
    launchers,
    addresses: free.map((port) => `127.0.0.1:${port}`),
    prefix: [...(await dieWithParent()), ...(await yieldOnWaking())],
    path: process.env.PATH ?? '',
    apiHost: 'http://127.0.0.1:3233',
    logger: silentLogger,
  };
}

function leftovers(containersDirectory: string): string[] {
  const processes = processesAtHomeBelow(containersDirectory).map(({ pid, entry }) => `process ${pid} of ${entry}`);
  return [...processes, ...(existsSync(containersDirectory) ? readdirSync(containersDirectory) : [])];
}

describeContainerDriver(
  'process',
  async () => {
    const given = await settings('conformance');
    return {
      driver: new ProcessDriver(given),
      silentKind: 'silent:1',
      leftovers: () => leftovers(given.containersDirectory),
    };
  },
  { wipes: false },
);

describe('the process driver', () => {
  let driver: ProcessDriver;
  beforeAll(async () => {
    driver = new ProcessDriver(await settings('contract'));
    await driver.recover();
  });
  afterAll(() => driver.close());

  for (const dialect of [nodejs, python]) {
    let start: StartContainer | undefined;
    describeContract({ ...dialect, start: (env) => (start ??= driverStarter(driver, dialect.kind))(env) });
  }
});

describe('process driver, beyond the seam', () => {
  const never = new AbortController().signal;
  const spec = (id: string, address: string, kind = 'nodejs:20') => ({
    id,
    kind,
    memoryMb: 128,
    concurrency: 1,
    address,
  });

  it('offers the kinds that it can start here', async () => {
    expect(new ProcessDriver(await settings('kinds', 1)).kinds).toContain('nodejs:20');
    expect(new ProcessDriver(await settings('kinds', 1)).kinds).not.toContain('cobol:60');
  });

  it('takes no other program that listens at the address for the container', async () => {
    const given = await settings('taken', 1);
    const [address] = given.addresses;
    const other = createServer((socket) => socket.destroy());
    // It comes after the driver has looked, and before the container listens.
    const nodejs = {
      offersSocket: true,
      command: () => {
        other.listen(Number(address!.split(':')[1]), '127.0.0.1');
        return [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
      },
    };
    const driver = new ProcessDriver({ ...given, launchers: new Map([['nodejs', nodejs]]) });
    await expect(driver.create(spec('n', address!), 20_000, never)).rejects.toThrow(AddressInUse);
    await new Promise((done) => other.close(done));
    expect(leftovers(given.containersDirectory)).toEqual([]);
    await driver.close();
  });

  it('runs python where there is one', async () => {
    const given = await settings('python', 1);
    const driver = new ProcessDriver(given);
    if (!driver.kinds.includes('python:3')) return;
    const { container } = await driver.create(spec('p', given.addresses[0]!, 'python:3'), 20_000, never);
    const post = (path: string, body: object) =>
      fetch(`http://${container}${path}`, { method: 'POST', body: JSON.stringify(body) });
    await post('/init', {
      value: { name: 'a', main: 'main', code: 'def main(args):\n  return {"n": 1}', binary: false },
    });
    const answer = await post('/run', { value: {} });
    expect(await answer.json()).toEqual({ n: 1 });
    await driver.suspend('p');
    await driver.close();
    expect(leftovers(given.containersDirectory)).toEqual([]);
  });

  it('offers a socket of the container itself, of which user code knows nothing', async () => {
    const given = await settings('socket', 1);
    const driver = new ProcessDriver(given);
    const { unixSocket } = await driver.create(spec('s', given.addresses[0]!), 20_000, never);
    const client = new Client('http://container', { socketPath: unixSocket });
    const post = async (path: string, value: object) =>
      (await client.request({ path, method: 'POST', body: JSON.stringify({ value }) })).body.json();
    const code =
      'const main = () => ({ names: Object.keys(process.env).filter((name) => name.startsWith("__HEARTH")) })';
    expect(await post('/init', { name: 'a', main: 'main', code, binary: false })).toEqual({ OK: true });
    expect(await post('/run', {})).toEqual({ names: [] });
    await client.close();
    await driver.close();
    expect(leftovers(given.containersDirectory)).toEqual([]);
  });

  it('lets nothing of an action preempt others when it wakes up', async () => {
    if (process.platform !== 'linux') return;
    const given = await settings('batch', 1);
    const driver = new ProcessDriver(given);
    await driver.create(spec('y', given.addresses[0]!), 20_000, never);
    const { pid } = processesAtHomeBelow(given.containersDirectory)[0]!;
    // SCHED_BATCH, of the process and of each of its threads.
    const policies = readdirSync(`/proc/${pid}/task`).map((task) => statFields(`/proc/${pid}/task/${task}/stat`)?.[38]);
    expect(new Set(policies)).toEqual(new Set(['3']));
    await driver.close();
  });

  it('offers no socket where its path would be longer than the system takes', async () => {
    const given = await settings('x'.repeat(100), 1);
    const driver = new ProcessDriver(given);
    const addresses = await driver.create(spec('l', given.addresses[0]!), 20_000, never);
    expect(addresses).toEqual({ container: given.addresses[0] });
    await driver.close();
  });

  it('says why a runtime did not start', async () => {
    const given = await settings('broken', 2);
    const driver = new ProcessDriver(given);
    await expect(driver.create(spec('b', given.addresses[0]!, 'broken:1'), 20_000, never)).rejects.toThrow(
      /exited with code 7 before it listened.*no luck/,
    );
    const noPrefix = new ProcessDriver({ ...given, prefix: [] });
    await expect(noPrefix.create(spec('m', given.addresses[1]!, 'missing:1'), 20_000, never)).rejects.toThrow('ENOENT');
    expect(leftovers(given.containersDirectory)).toEqual([]);
  });

  it('ends what a former life left, also when it is stopped or has left its group, and nothing else', async () => {
    const given = await settings('recover', 1);
    const home = (id: string) => join(given.containersDirectory, id, 'home');
    for (const id of ['old', 'gone']) mkdirSync(home(id), { recursive: true });
    const start = (env: Record<string, string>, detached: boolean) =>
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env, detached, stdio: 'ignore' });
    const leader = start({ HOME: home('old') }, true);
    const stray = start({ HOME: home('old') }, true);
    const stranger = start({ HOME: `${given.containersDirectory}2` }, true);
    process.kill(leader.pid!, 'SIGSTOP');
    const write = (id: string, record: object) =>
      writeFileSync(join(home(id), '../process.json'), JSON.stringify(record));
    write('old', { ...identify(leader.pid!), address: '127.0.0.1:17000' });
    // The number of a process that ended long ago belongs to another one now.
    write('gone', { pid: stranger.pid, startTicks: '1', address: '127.0.0.1:17001' });
    const ended = Promise.all([leader, stray].map((child) => new Promise((done) => child.once('exit', done))));
    const recovered = await new ProcessDriver(given).recover();
    await ended;
    expect(recovered.running).toEqual([]);
    expect([...recovered.ended].sort((a, b) => b.id.localeCompare(a.id))).toEqual([
      { id: 'old', address: '127.0.0.1:17000' },
      { id: 'gone', address: '127.0.0.1:17001' },
    ]);
    expect(leftovers(given.containersDirectory)).toEqual([]);
    expect(identify(stranger.pid!)).toBeDefined();
    stranger.kill('SIGKILL');
  });

  it('ends children that an action gave a session of their own', async () => {
    const given = await settings('strays', 1);
    const driver = new ProcessDriver(given);
    const { container } = await driver.create(spec('s', given.addresses[0]!), 20_000, never);
    const code = `function main() {
      require('child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }).unref();
      return {};
    }`;
    await fetch(`http://${container}/init`, {
      method: 'POST',
      body: JSON.stringify({ value: { main: 'main', code } }),
    });
    await fetch(`http://${container}/run`, { method: 'POST', body: JSON.stringify({ value: {} }) });
    expect(processesAtHomeBelow(given.containersDirectory)).toHaveLength(2);
    await driver.close();
    expect(leftovers(given.containersDirectory)).toEqual([]);
  });
});

describe('port range', () => {
  it('reads first-last', () => {
    expect(addressesOf('127.0.0.1', portRange.parse('17000-17002'))).toEqual([
      '127.0.0.1:17000',
      '127.0.0.1:17001',
      '127.0.0.1:17002',
    ]);
  });
  it.each(['17000', '17001-17000', '80-90', '65000-70000', 'a-b'])('refuses %s', (text) => {
    expect(portRange.safeParse(text).success).toBe(false);
  });
});
