// The small parts that decide what is started: environment, secrets, ports, data directory, use leases.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataDirectory } from './data-directory';
import { allocator, appNames, environmentOf, type Setting } from './environment';
import { findPython, kindsOf } from './kinds';
import { containerPortRange, freePorts, requireFree } from './ports';
import { commandToTry, readyText } from './ready-text';
import { openSecrets } from './secrets';
import { endUseLeases } from './use-leases';

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

describe('settings of a start', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-settings-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('passes on what is documented for the app, limits and basics, and nothing else', () => {
    const settings: Setting[] = [
      { name: 'API_LISTEN', apps: ['controller'], text: '' },
      { name: 'ADMIN_TOKEN', apps: ['scheduler'], text: '' },
      { name: 'HEARTH_PORTS', apps: [], text: '' },
    ];
    const variables = {
      PATH: '/bin',
      API_LISTEN: 'x:1',
      ADMIN_TOKEN: 't',
      HEARTH_PORTS: 'free',
      LIMIT_HEARTBEAT_MS: '5',
      LANG: '',
      NODE_OPTIONS: '--inspect',
      NODE_EXTRA_CA_CERTS: '/ca',
      AWS_SECRET: 's',
    };
    expect(environmentOf('controller', settings, variables)).toEqual({
      ...allocator,
      PATH: '/bin',
      API_LISTEN: 'x:1',
      LIMIT_HEARTBEAT_MS: '5',
    });
    expect(environmentOf('agent', settings, variables)).toEqual({
      ...allocator,
      PATH: '/bin',
      LIMIT_HEARTBEAT_MS: '5',
    });
  });

  it('leaves the allocator to whoever sets it, and tells the images the same', () => {
    const own = { MALLOC_ARENA_MAX: '8' };
    expect(environmentOf('controller', [], own)).toEqual({ ...allocator, ...own });
    const dockerfile = readFileSync('docker/apps.Dockerfile', 'utf8');
    const words = Object.entries(allocator).map(([name, value]) => `${name}=${value}`);
    expect(dockerfile).toContain(`ENV ${words.join(' ')}\n`);
    const fromHost = readFileSync('tools/images/apps.mjs', 'utf8');
    expect(fromHost).toContain(`[${words.map((word) => `'${word}'`).join(', ')}]`);
  });

  it('documents every setting of each app once', () => {
    const settings = JSON.parse(readFileSync('bin/settings.json', 'utf8')) as Setting[];
    const names = settings.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(settings.filter(({ text }) => !/^[`A-Z].+\.$/.test(text))).toEqual([]);
    const folders = { controller: 'controller', scheduler: 'scheduler', agent: 'invoker-agent' };
    for (const app of appNames) {
      const read = readFileSync(`apps/${folders[app]}/src/config.ts`, 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+):/gm);
      const documented = settings.filter(({ apps }) => apps.includes(app)).map(({ name }) => name);
      expect([
        app,
        [...read].map(([, name]) => name).filter((name) => name !== 'PATH' && !documented.includes(name!)),
      ]).toEqual([app, []]);
    }
  });

  it('makes secrets once, for the owner only', () => {
    const made = openSecrets(directory);
    expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(made)).size).toBe(3);
    expect(Object.values(made).every((text) => text.length >= 32)).toBe(true);
    expect(openSecrets(directory)).toEqual(made);
  });

  it.each([
    ['{"CLUSTER_SECRET":"short"}', 'one is missing or too short'],
    ['{"CLUS', 'it is not JSON'],
  ])('refuses secrets it cannot read: %s', (text, complaint) => {
    writeFileSync(join(directory, 'secrets.json'), text);
    expect(() => openSecrets(directory)).toThrow(complaint);
    expect(readFileSync(join(directory, 'secrets.json'), 'utf8')).toBe(text);
  });

  it('says which listener is taken', async () => {
    const server = createServer();
    const port = await listen(server);
    await expect(requireFree({ API_LISTEN: `127.0.0.1:${port}` })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}, another process does; stop that process, or set API_LISTEN to another host:port`,
    );
    server.close();
    await expect(requireFree({ API_LISTEN: 'nonsense' })).rejects.toThrow(
      'API_LISTEN is "nonsense": expected host:port.',
    );
    await expect(requireFree({ API_LISTEN: '127.0.0.1:99999' })).rejects.toThrow('expected host:port');
  });

  it('finds different free ports, and a container range below those that systems hand out', async () => {
    expect(new Set(await freePorts(4)).size).toBe(4);
    for (let pid = 1; pid < 200; pid++) {
      const [first, last] = containerPortRange(pid).split('-').map(Number) as [number, number];
      expect(first >= 20_000 && last < 32_768 && last - first === 399).toBe(true);
    }
    expect(containerPortRange(1)).not.toBe(containerPortRange(2));
  });

  it('locks its data directory against a second start, and gives it back', () => {
    const path = join(directory, 'deep/data');
    const first = openDataDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(() => openDataDirectory(path)).toThrow(`cannot use the data directory ${path}: another Hearth runs on it`);
    first.release();
    openDataDirectory(path).release();
  });

  it('refuses a data directory below a file in one sentence', () => {
    writeFileSync(join(directory, 'file'), '');
    expect(() => openDataDirectory(join(directory, 'file/data'))).toThrow(
      /^cannot use the data directory .*: a part of the path is a file; make it writable, or choose another with HEARTH_DATA_DIR\.$/,
    );
  });

  it('offers Python only where a python3 answers', async () => {
    mkdirSync(join(directory, 'bin'));
    expect(await findPython({ PATH: join(directory, 'bin') })).toBeUndefined();
    writeFileSync(join(directory, 'bin/python3'), '#!/bin/sh\necho /opt/python\n', { mode: 0o755 });
    expect(await findPython({ PATH: join(directory, 'bin') })).toBe('/opt/python');
    expect([kindsOf(undefined), kindsOf('/opt/python')]).toEqual(['nodejs:20', 'nodejs:20,python:3']);
  });

  it("ends a dead controller's use leases at the agent, with the token", async () => {
    const asked: unknown[] = [];
    const agent = createHttpServer((request, response) => {
      asked.push([request.method, request.url, request.headers.authorization]);
      response.writeHead(asked.length === 1 ? 200 : 500).end();
    });
    const url = `http://127.0.0.1:${await listen(agent)}`;
    const details = { controllerId: 'controller0', incarnation: '3' };
    expect(await endUseLeases(url, 'token', details)).toBeUndefined();
    expect(asked).toEqual([['DELETE', '/leases/controller0/3', 'Bearer token']]);
    expect(await endUseLeases(url, 'token', details)).toBe('the agent answered 500');
    expect(await endUseLeases(url, 'token', {})).toBeUndefined();
    expect(asked).toHaveLength(2);
    agent.close();
    agent.closeAllConnections();
    expect(await endUseLeases(url, 'token', details)).toMatch(/^the agent does not answer: /);
  });

  it('prints one command, and warns when more than loopback can connect', () => {
    const common = { version: '1', kinds: '', driver: 'process', dataDirectory: '', tookMs: 1_234, limits: '' };
    const facts = { ...common, apiHost: 'http://127.0.0.1:3233', listens: ['127.0.0.1:3233'] };
    const text = readyText(facts);
    expect(text).toContain('ready after 1.2 s');
    expect(text).toContain(commandToTry('http://127.0.0.1:3233'));
    expect(text).toContain('only this machine can connect');
    expect(text).toContain('isolation   none');
    expect(readyText({ ...facts, driver: 'docker' })).toContain('isolation   containers of docker');
    for (const open of ['10.0.0.1:3233', '0.0.0.0:3233', '*:3233'])
      expect(readyText({ ...facts, listens: ['127.0.0.1:3243', open] })).toContain('NOT LOOPBACK');
    const guestless = readyText({ ...facts, listens: ['0.0.0.0:3233'], limits: undefined });
    expect(guestless).toContain('DEVELOPMENT_SUBJECTS=true');
    expect(guestless).not.toMatch(/curl|[0-9a-f]{8}-/);
  });
});
