import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messages } from '#entity';
import type { defaultLimits } from '#limits';
import { leftoversOf, takenBy } from './runc-machine';
import { RuncRig } from './runc-rig';
import { AddressInUse, CannotCreate, type ContainerSpec } from '../src/container-driver';
import { describeContainerDriver } from '../src/container-driver.conformance';
import { namesOf } from '../src/runc/names';
import { RuncDriver, type RuncDriverSettings } from '../src/runc/runc-driver';
import { RuncPause } from '../src/runc/suspension';

const rig = new RuncRig();
const { directory } = rig;
const settings = (name: string, limits?: Partial<typeof defaultLimits>): Promise<RuncDriverSettings> =>
  rig.settings(name, limits);
afterAll(() => rig.end());

describeContainerDriver('runc', async () => {
  // What is made ahead of need would count as left.
  const given = await settings('conformance', { preparedContainersCount: 0, namespaceStockCount: 0 });
  const driver = new RuncDriver(given);
  await driver.recover();
  return { driver, silentKind: 'silent:1', leftovers: () => leftoversOf(given.directory) };
});

describe('runc driver, beyond the seam', () => {
  const never = new AbortController().signal;
  const open: RuncDriver[] = [];
  const exits: { id: string; reason: string }[] = [];

  async function start(
    name: string,
    limits: Partial<typeof defaultLimits> = {},
    others: Partial<RuncDriverSettings> = {},
  ) {
    const given = { ...(await settings(name, limits)), ...others };
    const driver = new RuncDriver(given);
    open.push(driver);
    driver.onExit((id, reason) => exits.push({ id, reason }));
    return { driver, given, recovered: await driver.recover() };
  }
  /** As kill -9 would: what it holds in this process is forgotten. */
  function abandon(driver: RuncDriver): void {
    open.splice(open.indexOf(driver), 1);
    driver.onExit(() => undefined);
  }
  const spec = (driver: RuncDriver, id: string, at: number, overrides: Partial<ContainerSpec> = {}): ContainerSpec => ({
    id,
    kind: 'nodejs:20',
    memoryMb: 128,
    concurrency: 1,
    address: driver.addresses[at]!,
    ...overrides,
  });
  async function running(
    driver: RuncDriver,
    id: string,
    at: number,
    code: string,
    overrides: Partial<ContainerSpec> = {},
  ) {
    const addresses = await driver.create(spec(driver, id, at, overrides), 20_000, never);
    await post(addresses.container!, '/init', { name: 'a', main: 'main', code });
    return { ...addresses, call: (value: object = {}) => post(addresses.container!, '/run', value) };
  }

  beforeEach(() => exits.splice(0));
  afterEach(async () => {
    for (const driver of open.splice(0)) await driver.close();
  });

  it('takes over what runs and what is frozen, goes on in their logs, and ends the rest', async () => {
    const first = await start('recover', { preparedContainersCount: 1 });
    const { given } = first;
    const code = 'let n = 0; const main = () => { console.log("line", ++n); return { n } }';
    const a = await running(first.driver, 'a', 0, code);
    const b = await running(first.driver, 'b', 1, code);
    await running(first.driver, 'c', 2, 'const main = () => process.exit(1)');
    expect(a.unixSocket).toBeDefined();
    await a.call();
    const before = Buffer.alloc(100);
    first.driver.logs('a')!.skip('stdout', first.driver.logs('a')!.peek('stdout', before));
    await first.driver.suspend('b');
    const [cell] = takenBy(given.directory).directories.filter((path) => path.includes('cell-'));
    expect(cell).toBeDefined();
    abandon(first.driver);
    const c = first.driver.addresses[2]!;
    await post(c, '/run', {}).catch(() => undefined);

    const { driver, recovered } = await start('recover', { preparedContainersCount: 1 });
    const stateOf = (id: string) => recovered.running.find((one) => one.id === id)?.state;
    expect([stateOf('a'), stateOf('b'), stateOf('c')]).toEqual(['running', 'suspended', undefined]);
    expect(recovered.ended).toEqual([{ id: 'c', address: c }]);
    expect(recovered.running.find(({ id }) => id === 'a')?.addresses).toEqual({
      container: a.container,
      unixSocket: a.unixSocket,
    });
    expect((await a.call()).body).toEqual({ n: 2 });
    const after = Buffer.alloc(100);
    expect(after.toString('utf8', 0, driver.logs('a')!.peek('stdout', after))).toMatch(/^line 2\n/);
    await driver.resume('b');
    expect((await b.call()).body).toEqual({ n: 1 });
    await expect(driver.create(spec(driver, 'x', 0), 20_000, never)).rejects.toThrow(AddressInUse);
    await driver.kill('a');
    await driver.remove('a');
    await driver.close();
    open.splice(0);
    expect(leftoversOf(given.directory)).toEqual([]);
  });

  it('tells the end of a container that it took over', async () => {
    const first = await start('adopted-end');
    const { call } = await running(first.driver, 'a', 0, 'const main = () => process.exit(4)');
    abandon(first.driver);
    await start('adopted-end');
    await call().catch(() => undefined);
    await until(() => exits.length > 0);
    expect(exits).toEqual([{ id: 'a', reason: expect.stringContaining('ended') }]);
  });

  it('removes cells that waited for an owner when their agent was killed', async () => {
    const first = await start('waiting', { preparedContainersCount: 2, namespaceStockCount: 2 });
    await first.driver.create(spec(first.driver, 'a', 0), 20_000, never);
    await until(() => takenBy(first.given.directory).namespaces.length === 4);
    await first.driver.remove('a');
    abandon(first.driver);
    const { driver, given, recovered } = await start('waiting', { preparedContainersCount: 0, namespaceStockCount: 0 });
    expect(recovered).toEqual({ running: [], ended: [] });
    // What had lost its parent is collected by the system, in its own time.
    await until(() => leftoversOf(given.directory).length === 0);
    await driver.create(spec(driver, 'b', 1), 20_000, never);
  });

  it('starts prepared ones, each for one container only', async () => {
    const { driver, given } = await start('prepared', { preparedContainersCount: 2, namespaceStockCount: 1 });
    const cells = () => takenBy(given.directory).directories.filter((path) => path.includes('/cells/')).length;
    const code = 'const main = () => ({ host: require("os").hostname() })';
    const hosts: unknown[] = [];
    for (const at of [0, 1, 2]) {
      const { call } = await running(driver, `p${at}`, at, code);
      hosts.push((await call()).body.host);
      await until(() => cells() === at + 2);
    }
    expect(new Set(hosts).size).toBe(3);
  });

  it('says that an action ran out of memory', async () => {
    const { driver } = await start('memory');
    const { call } = await running(
      driver,
      'a',
      0,
      'const main = () => { const all = []; for (;;) all.push(Buffer.alloc(2e7, 1)) }',
    );
    await call().catch(() => undefined);
    await until(() => exits.length > 0);
    expect(exits[0]).toEqual({ id: 'a', reason: expect.stringContaining(messages.memoryExhausted) });
  });

  it('refuses what has no image or whose program ends, with the reason, and leaves nothing', async () => {
    const none = { preparedContainersCount: 0, namespaceStockCount: 0 };
    const { driver, given } = await start('refused', none);
    const create = (overrides: Partial<ContainerSpec>) => driver.create(spec(driver, 'r', 0, overrides), 20_000, never);
    const missing = await create({ kind: 'missing:1' }).catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(CannotCreate);
    expect(String(missing)).toContain(messages.imagePullFailed('test/missing'));
    await expect(create({ kind: 'other:1', image: 'nobody/has-it' })).rejects.toThrow(CannotCreate);
    await expect(create({ kind: 'broken:1' })).rejects.toThrow(/exited with code 7 before it listened.*no luck/);
    await expect(create({ image: 'test/stranger' })).rejects.toThrow(/nobody-knows/);
    expect(leftoversOf(given.directory)).toEqual([]);
  });

  it('lets a foreign image write to its root, in memory and within a bound, with its own user and no capability', async () => {
    const { driver, given } = await start('foreign', { writableMemoryMb: 8, preparedContainersCount: 0 });
    const code = `const fs = require('fs'); const main = () => {
      fs.writeFileSync('/written', 'x');
      let error; try { fs.writeFileSync('/much', Buffer.alloc(20e6)) } catch ({ code }) { error = code }
      return { uid: process.getuid(), error, caps: /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1] };
    }`;
    const { call, unixSocket } = await running(driver, 'f', 0, code, { kind: 'blackbox', image: 'test/runtime' });
    expect(unixSocket).toBeUndefined();
    expect((await call()).body).toEqual({ uid: 0, error: 'ENOSPC', caps: '0000000000000000' });
    await driver.remove('f');
    expect(takenBy(given.directory).mounts.filter((at) => at.includes('cell-'))).toEqual([]);
  });

  it('says how it suspends, and can do it by runc where there is no freezer', async () => {
    const { driver, given } = await start('pause', { preparedContainersCount: 0 });
    const { call } = await running(driver, 'a', 0, 'let n = 0; setInterval(() => n++, 1); const main = () => ({ n })');
    expect(driver.suspendedBy('a')).toMatch(/^cgroup-v[12]$/);
    const { stateDirectory } = namesOf(given.directory);
    const pause = () => new RuncPause({ name: 'cell-1', stateDirectory, timeoutMs: 10_000 });
    const first = pause();
    await first.freeze();
    await first.freeze();
    expect(await pause().isFrozen()).toBe(true);
    const answer = call();
    expect(await Promise.race([answer, sleep(300)])).toBeUndefined();
    await pause().thaw();
    expect(await answer).toMatchObject({ status: 200 });
    await pause().freeze();
    await driver.remove('a');
    expect(exits).toEqual([]);
  });

  it('holds actions to what is said of hardening', async () => {
    const { driver } = await start('hardening');
    const code = String.raw`const fs = require('fs');
      const codeOf = (act) => { try { act(); return 'done' } catch ({ code }) { return code } };
      const status = (name) => new RegExp(name + ':\\s*(\\w+)').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1];
      const main = async () => ({
        uid: process.getuid(),
        caps: ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(status),
        flags: [status('NoNewPrivs'), status('Seccomp')],
        write: codeOf(() => fs.writeFileSync('/written', '')),
        socketDirectory: codeOf(() => fs.writeFileSync('/run/hearth/other', '')),
        unlink: codeOf(() => fs.unlinkSync('/run/hearth/run.sock')),
        fill: codeOf(() => fs.writeFileSync('/tmp/much', Buffer.alloc(70e6))) + codeOf(() => fs.rmSync('/tmp/much')),
        processes: fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).length,
        open: codeOf(() => { for (let n = 0; n < 10000; n++) fs.openSync('/proc/self/status') }),
      });`;
    const { call } = await running(driver, 'h', 0, code, { memoryMb: 256 });
    expect((await call()).body).toEqual({
      uid: 61_000,
      caps: Array(5).fill('0000000000000000'),
      flags: ['1', '2'],
      write: 'EROFS',
      socketDirectory: 'EACCES',
      unlink: 'EACCES',
      fill: 'ENOSPCdone',
      open: 'EMFILE',
      processes: 1,
    });
  });

  it('stops a fork bomb at its own container', async () => {
    const { driver } = await start('forks');
    const other = await running(driver, 'other', 1, 'const main = () => ({ ok: true })');
    const bomb = await running(
      driver,
      'bomb',
      0,
      `const main = () => { const { Worker } = require('worker_threads');
      for (;;) new Worker('setInterval(() => {}, 1e3)', { eval: true }).on('error', () => 0) }`,
    );
    await bomb.call().catch(() => undefined);
    expect((await other.call()).body).toEqual({ ok: true });
  });

  it('lets actions reach the API, and nothing else here', async () => {
    const servers = await Promise.all(['127.0.0.1', '0.0.0.0'].map(listenOn));
    const [api, other] = servers.map(({ port }) => port);
    const given = await settings('isolation');
    const network = { ...given.network, apiHost: `http://127.0.0.1:${api}` };
    const { driver } = await start('isolation', {}, { network });
    try {
      const code = `const main = ({ urls }) => Promise.all(urls.map((url) => fetch(url, { signal: AbortSignal.timeout(1500) })
        .then((answer) => answer.text(), () => 'no'))).then((answers) => ({ answers, api: process.env.__OW_API_HOST }));`;
      const { call, container } = await running(driver, 'a', 0, code);
      const neighbour = await running(driver, 'b', 1, code);
      const { gateway } = network.subnet;
      const own = Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .find(({ family, internal, address }) => family === 'IPv4' && !internal && address !== gateway);
      const forbidden = [
        `http://${gateway}:${other}`,
        `http://127.0.0.1:${api}`,
        `http://${own?.address}:${other}`,
        `http://${neighbour.container}/`,
        'http://169.254.169.254/',
      ];
      const { body } = await call({ urls: [`http://${gateway}:${api}`, ...forbidden] });
      expect(body).toEqual({ answers: ['hello', ...forbidden.map(() => 'no')], api: `http://${gateway}:${api}` });
      expect(container).not.toBe(neighbour.container);
      // This machine itself reaches all of them.
      expect(await (await fetch(`http://127.0.0.1:${other}`)).text()).toBe('hello');
    } finally {
      for (const { server } of servers) server.close();
    }
  });

  it('keeps the address that containers answer to while their network devices come and go', async () => {
    const { driver, given } = await start('address');
    const { bridge } = namesOf(given.directory);
    const ip = (...words: string[]): string => execFileSync('ip', words, { encoding: 'utf8' });
    const addressOf = (): string =>
      (JSON.parse(ip('-json', 'link', 'show', bridge)) as [{ address: string }])[0].address;
    const first = addressOf();
    // The lowest that there can be: a bridge without an address of its own takes it, and gives it up when the device goes. Then containers answer
    // nobody, for seconds.
    ip('link', 'add', 'hth-low', 'address', '02:00:00:00:00:01', 'type', 'veth', 'peer', 'name', 'hth-peer');
    try {
      ip('link', 'set', 'hth-low', 'master', bridge);
      const code = 'const main = ({ ms }) => new Promise((done) => setTimeout(() => done({ ms }), ms))';
      const { call } = await running(driver, 'a', 0, code);
      expect(addressOf()).toBe(first);
      const answer = call({ ms: 500 });
      await sleep(200); // It runs.
      ip('link', 'delete', 'hth-low');
      expect(addressOf()).toBe(first);
      expect(await answer).toMatchObject({ body: { ms: 500 } });
    } finally {
      execFileSync('sh', ['-c', 'ip link delete hth-low 2>&1 || true']);
    }
  });

  it('says so when the disk is full, and leaves nothing of the image', async () => {
    const small = join(directory, 'full/images');
    mkdirSync(small, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]);
    try {
      const { driver, given } = await start('full', { preparedContainersCount: 0, namespaceStockCount: 0 });
      await expect(driver.create(spec(driver, 'a', 0), 20_000, never)).rejects.toThrow(
        /test\/runtime was not unpacked.*No space left/s,
      );
      expect(readdirSync(join(small, 'layers'))).toEqual([]);
      expect(readdirSync(small).filter((name) => name.startsWith('scratch'))).toEqual([]);
      expect(leftoversOf(given.directory).filter((one) => !one.endsWith(small))).toEqual([]);
    } finally {
      for (const driver of open.splice(0)) await driver.close();
      execFileSync('umount', ['--lazy', small]);
    }
  });
});

async function listenOn(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer((_, answer) => answer.end('hello'));
  await new Promise<void>((done) => server.listen(0, host, done));
  return { server, port: (server.address() as { port: number }).port };
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function post(address: string, path: string, value: object): Promise<Answer> {
  const response = await fetch(`http://${address}${path}`, { method: 'POST', body: JSON.stringify({ value }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const last = performance.now() + 20_000; performance.now() < last; await sleep(20)) if (isSo()) return;
  throw new Error('what was waited for did not happen within 20 s');
}
