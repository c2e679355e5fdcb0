// CONTAINER_DRIVER=runc from end to end: the real platform, the real client, containers that are none of the host's processes.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type openwhisk from 'openwhisk';
import { nodeImage, runtimeImage, writeLayout } from '../../apps/invoker-agent/test/host-images';
import { leftoversOf } from '../../apps/invoker-agent/test/runc-machine';
import { clientOf } from '../support/client';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

/** Of the contract and nothing more: its sentinels name nobody, and come a while after the answer. */
const foreignServer = `
let body;
require('node:http').createServer((request, response) => {
  body = '';
  request.on('data', (bytes) => (body += bytes)).on('end', () => {
    const { name } = JSON.parse(body).value;
    if (request.url === '/run') {
      console.log('told', name);
      console.error('warned', name);
      setTimeout(() => {
        console.log('later', name);
        for (const stream of [process.stdout, process.stderr]) stream.write('XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\\n');
      }, 300);
    }
    response.end(JSON.stringify({ name, pid: process.pid }));
  });
}).listen(8080)`;

describe('the platform with runc', () => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'hearth-runc-')));
  const driverDirectory = join(dataDir, 'agent/node0/runc');
  let platform: Platform;
  let client: openwhisk.Client;

  const start = async (): Promise<void> => {
    // A short grace, so that containers are found suspended.
    const env = { CONTAINER_DRIVER: 'runc', LIMIT_SUSPEND_GRACE_MS: '200' };
    platform = await startPlatform({ dataDir, kinds: 'nodejs:20', env });
    client = clientOf(platform);
  };
  const invoke = (name: string, params: object = {}): Promise<unknown> =>
    client.actions.invoke({ name, params, blocking: true, result: true });

  beforeAll(async () => {
    mkdirSync(join(dataDir, 'images'));
    writeLayout(join(dataDir, 'images'), [
      runtimeImage('hearth/action-nodejs-v20:latest'),
      nodeImage('test/foreign', '-e', foreignServer),
    ]);
    await start();
  });
  afterAll(async () => {
    await platform.stop();
    expect(leftoversOf(driverDirectory)).toEqual([]);
    rmSync(dataDir, { recursive: true });
  });

  it('says which driver isolates', () => {
    expect(platform.output).toContain('containers of runc');
  });

  it('runs actions, cold, warm and resumed, with their logs', async () => {
    const action =
      'let n = 0; function main({ name }) { console.log("told", name); return { n: ++n, uid: process.getuid() } }';
    await client.actions.create({ name: 'count', action, kind: 'nodejs:20' });
    expect(await invoke('count', { name: 'a' })).toEqual({ n: 1, uid: 61_000 });
    expect(await invoke('count', { name: 'b' })).toEqual({ n: 2, uid: 61_000 });
    await until('it is suspended', async () => /verb="suspend"\} [1-9]/.test(await platform.metrics('agent')));
    const { activationId } = (await client.actions.invoke({
      name: 'count',
      params: { name: 'c' },
      blocking: true,
    })) as {
      activationId: string;
    };
    const logs = await until('its logs are there', async () => {
      const found = (await client.activations.logs({ name: activationId })) as { logs: string[] };
      return found.logs.length > 0 && found.logs;
    });
    expect(logs).toEqual([expect.stringMatching(/stdout: told c$/)]);
  });

  it('gives each activation of a foreign image its lines, though the image does not say whose they are', async () => {
    await client.actions.create({
      name: 'foreign',
      action: { exec: { kind: 'blackbox', image: 'test/foreign' } },
    } as never);
    const run = (name: string) =>
      client.actions.invoke({ name: 'foreign', params: { name }, blocking: true }) as Promise<{
        activationId: string;
      }>;
    // Each begins while the one before still writes.
    const ran: { name: string; activationId: string }[] = [];
    for (const name of ['a', 'b', 'c']) ran.push({ name, activationId: (await run(name)).activationId });
    for (const { name, activationId } of ran) {
      const logs = await until(`the logs of ${name} are there`, async () => {
        const found = (await client.activations.logs({ name: activationId })) as { logs: string[] };
        return found.logs.length > 0 && found.logs;
      });
      expect(logs.map((line) => line.slice(31)).sort()).toEqual([
        `stderr: warned ${name}`,
        `stdout: later ${name}`,
        `stdout: told ${name}`,
      ]);
    }
  });

  it('reaches the API from inside', async () => {
    const action = `const main = () => fetch(process.env.__OW_API_HOST + '/ping').then((answer) => answer.text()).then((text) => ({ text }));`;
    await client.actions.create({ name: 'ask', action, kind: 'nodejs:20' });
    expect(await invoke('ask')).toEqual({ text: 'pong' });
  });

  it('goes on with its containers when the agent is killed', async () => {
    const before = (await invoke('count', { name: 'd' })) as { n: number };
    await platform.killAndAwaitRestart('agent');
    expect(await invoke('count', { name: 'e' })).toEqual({ n: before.n + 1, uid: 61_000 });
  });

  it('ends an action that takes all its memory, and serves on', async () => {
    const action = 'function main() { const all = []; for (;;) all.push(Buffer.alloc(2e7, 1)) }';
    await client.actions.create({ name: 'greedy', action, kind: 'nodejs:20', limits: { memory: 128 } });
    const told = await invoke('greedy').catch((error: unknown) => error);
    expect(told).toMatchObject({
      error: {
        response: {
          status: 'action developer error',
          result: { error: 'The action exhausted its memory and was aborted.' },
        },
      },
    });
    expect(await invoke('count', { name: 'f' })).toMatchObject({ uid: 61_000 });
  });

  it('leaves nothing when the supervisor is killed', async () => {
    await platform.end('SIGKILL');
    await until('all is gone', () => leftoversOf(driverDirectory).length === 0, 30_000);
    await start();
    expect(await invoke('count', { name: 'g' })).toEqual({ n: 1, uid: 61_000 });
  });
});
