// What an action in a Docker container cannot do: reach the node and its neighbours, gain rights, use up what others need. Each is tried from inside.
import { execFileSync, spawn } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Dockerd } from '../../../test/support/dockerd';
import { until } from '../../../test/support/until';
import type { DockerDriver } from '../src/docker/docker-driver';
import { hardening } from '../src/hardening';
import { DockerRig, RunningAction } from './docker-rig';

jest.setTimeout(60_000);

const connectCode = `
  const net = require('net');
  const main = ({ host, port }) => new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 2000 });
    socket.on('connect', () => { socket.end(); resolve({ got: 'connected' }); });
    socket.on('timeout', () => { socket.destroy(); resolve({ got: 'timeout' }); });
    socket.on('error', ({ code }) => resolve({ got: code }));
  });`;

/** A network namespace that stands for a host elsewhere, with an address in the public Internet and one in a private network. */
const elsewhere = { name: `hearth-${process.pid}`, public: '203.0.113.77', private: '10.77.77.77' };
const ip = (...words: string[]): void => void execFileSync('ip', words);

describe('isolation of Docker containers', () => {
  let engine: Dockerd;
  let rig: DockerRig;
  let driver: DockerDriver;
  let api: Server;
  let others: Server;
  let own: string;
  /** Of agents that run here for others. */
  let before: string[];
  const chains = (): string[] =>
    execFileSync('iptables-save')
      .toString()
      .match(/^:HEARTH-\S+/gm) ?? [];
  const portOf = (server: Server): number => (server.address() as AddressInfo).port;

  beforeAll(async () => {
    before = chains();
    engine = await Dockerd.start();
    rig = new DockerRig(engine);
    const listen = async (host: string): Promise<Server> => {
      const server = createServer((socket) => socket.end('hello').on('error', () => undefined));
      await new Promise<void>((done) => server.listen(0, host, done));
      return server;
    };
    api = await listen('127.0.0.1');
    // As an agent, a Redis or a PostgreSQL that an operator lets listen everywhere.
    others = await listen('0.0.0.0');
    own = Object.values(networkInterfaces())
      .flat()
      .find((found) => found?.family === 'IPv4' && !found.internal)!.address;
    driver = await open();
    outside('add');
  });
  afterAll(async () => {
    outside('remove');
    await driver?.close();
    api?.close();
    others?.close();
    rig?.end();
    await engine?.end();
    expect(chains().filter((chain) => !before.includes(chain))).toEqual([]);
  });

  const open = async (overrides = {}): Promise<DockerDriver> => {
    const opened = await rig.open({ apiHost: `http://127.0.0.1:${portOf(api)}`, ...overrides });
    await opened.recover();
    return opened;
  };

  /** Its server listens on port 5432 of both addresses. */
  function outside(what: 'add' | 'remove'): void {
    const { name } = elsewhere;
    if (what === 'remove') {
      // Its server ends with the only connection that it waits for: this process's.
      for (const pid of execFileSync('ip', ['netns', 'pids', name]).toString().split('\n').filter(Boolean))
        process.kill(Number(pid), 'SIGKILL');
      return ip('netns', 'delete', name);
    }
    const link = `hth-t${process.pid % 100_000}`;
    ip('netns', 'add', name);
    ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    ip('link', 'set', link, 'up');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    for (const address of [elsewhere.public, elsewhere.private]) {
      ip('-n', name, 'address', 'add', `${address}/32`, 'dev', 'eth0');
      ip('route', 'add', `${address}/32`, 'dev', link);
    }
    ip('-n', name, 'route', 'add', 'default', 'dev', 'eth0');
    const server = "require('net').createServer((s) => s.end()).listen(5432, '0.0.0.0')";
    spawn('ip', ['netns', 'exec', name, process.execPath, '-e', server], { stdio: 'ignore' }).unref();
  }

  it('reaches the public API and the Internet, and nothing else', async () => {
    const action = await RunningAction.start(
      driver,
      `${connectCode.replace('main', 'reach')}
      const main = (args) => args.host ? reach(args) : { api: process.env.__OW_API_HOST };`,
    );
    const neighbour = await RunningAction.create(driver);
    const { hostname: gateway, port } = new URL(String((await action.run()).api));
    const reach = async (host: string, to: number): Promise<unknown> => (await action.run({ host, port: to })).got;

    expect(await reach(gateway, Number(port))).toBe('connected');
    await until('the Internet is reached', async () => (await reach(elsewhere.public, 5_432)) === 'connected');
    for (const host of [gateway, own])
      expect([host, await reach(host, portOf(others))]).toEqual([host, 'ECONNREFUSED']);
    expect(await reach(own, portOf(api))).toBe('ECONNREFUSED');
    expect(await reach(elsewhere.private, 5_432)).toBe('ECONNREFUSED');
    expect(await reach('169.254.169.254', 80)).toBe('ECONNREFUSED');
    expect(await reach(neighbour.address.split(':')[0]!, hardening.serverPort)).not.toBe('connected');
    // The node reaches them all the same.
    expect(await action.run({})).toHaveProperty('api');
    await Promise.all([action.remove(), neighbour.remove()]);
  });

  it('opens what an operator allows, and closes the Internet if told so', async () => {
    await driver.close();
    driver = await open({ egress: 'none', allow: [`${elsewhere.private}:5432`] });
    const action = await RunningAction.start(driver, connectCode);
    const reach = async (host: string): Promise<unknown> => (await action.run({ host, port: 5_432 })).got;
    expect(await reach(elsewhere.private)).toBe('connected');
    expect(await reach(elsewhere.public)).toBe('ECONNREFUSED');
    await action.remove();
  });

  it('puts the rules up again when somebody took them away', async () => {
    // Only ours: agents of others may run here, too.
    const tag = (await engine.networks())[0]!.slice('hearth-'.length, 'hearth-'.length + 8);
    const isUp = (): boolean => execFileSync('iptables', ['-S', 'DOCKER-USER']).toString().includes(`HEARTH-${tag}`);
    execFileSync('iptables', ['-D', 'DOCKER-USER', '-i', `hth-${tag}`, '-j', `HEARTH-${tag}`]);
    expect(isUp()).toBe(false);
    await driver.renewIsolation();
    expect(isUp()).toBe(true);
  });

  it('has no rights, no place to write but /tmp, and no way to get either', async () => {
    const code = `
      const fs = require('fs'), { execFileSync } = require('child_process');
      const attempt = (f) => { try { return f() ?? 'done' } catch (e) { return e.code ?? e.message } };
      const status = Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').map((l) => l.split(':\\t')));
      const main = () => ({
        uid: process.getuid(), caps: [status.CapEff, status.CapPrm, status.CapBnd], noNew: status.NoNewPrivs, seccomp: status.Seccomp,
        setuid: attempt(() => process.setuid(0)), chown: attempt(() => fs.chownSync('/tmp', 1, 1)),
        writes: ['/x', '/action/x', '/usr/bin/x', '/run/hearth/x', '/proc/sys/kernel/core_pattern', '/dev/x', '/sys/x'].map((p) => attempt(() => fs.writeFileSync(p, 'x'))),
        unlink: attempt(() => fs.unlinkSync('/run/hearth/run.sock')), tmp: attempt(() => fs.writeFileSync('/tmp/x', 'x')),
      });`;
    const action = await RunningAction.start(driver, code);
    const seen = await action.run();
    expect(seen).toMatchObject({ uid: hardening.uid, noNew: '1', seccomp: '2', setuid: 'EPERM', tmp: 'done' });
    expect(seen.caps).toEqual(Array(3).fill('0000000000000000'));
    expect(seen.writes).not.toContain('done');
    expect(['EACCES', 'EPERM']).toContain(seen.unlink);
    expect(['EACCES', 'EPERM']).toContain(seen.chown);
    await action.remove();
  });

  it('is stopped by its bounds: processes, open files, /tmp', async () => {
    const code = `
      const fs = require('fs'), { spawn } = require('child_process');
      const main = async ({ what }) => {
        if (what === 'files') { let n = 0; try { for (;; n++) fs.openSync('/dev/null'); } catch (e) { return { n, code: e.code }; } }
        if (what === 'tmp') { const b = Buffer.alloc(1048576); let n = 0; try { for (;; n++) fs.writeFileSync('/tmp/' + n, b); } catch (e) { return { n, code: e.code }; } }
        const kids = []; let code;
        while (!code && kids.length < 2000) {
          const kid = spawn('sleep', ['60'], { stdio: 'ignore' });
          await new Promise((r) => kid.once('spawn', r).once('error', (e) => { code = e.code; r(); }));
          kids.push(kid);
        }
        return { n: kids.length, code };
      };`;
    const action = await RunningAction.start(driver, code, { memoryMb: 512 });
    const neighbour = await RunningAction.start(driver, 'const main = () => ({ ok: true })');
    expect(await action.run({ what: 'tmp' })).toMatchObject({ code: 'ENOSPC' });
    const { n: processes, code: why } = await action.run({ what: 'processes' });
    expect(why).toBe('EAGAIN');
    expect(processes).toBeLessThanOrEqual(hardening.pidsMax);
    const { n: files, code: full } = await action.run({ what: 'files' });
    expect(full).toBe('EMFILE');
    expect(files).toBeLessThan(hardening.openFilesMax);
    expect(await neighbour.run()).toEqual({ ok: true });
    await Promise.all([action.remove(), neighbour.remove()]);
  });
});
