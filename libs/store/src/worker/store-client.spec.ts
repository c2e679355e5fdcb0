// The client against workers that misbehave: real threads, made of a few lines each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { until } from '../../../../test/support/until';
import { StoreClient } from './store-client';

const directory = mkdtempSync(join(tmpdir(), 'hearth-store-client-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const storeYoungMb = 6;
let count = 0;
const said: string[] = [];
beforeEach(() => said.splice(0));

/** `onMessage` is what the worker does with a message; `life` says which one it is, from 1. */
async function clientOf(onMessage: string, opens = `port.postMessage({ type: 'opened' });`): Promise<StoreClient> {
  const name = join(directory, `worker${(count += 1)}`);
  const file = `${name}.js`;
  writeFileSync(
    file,
    `const { parentPort: port } = require('node:worker_threads');
    const { appendFileSync, readFileSync } = require('node:fs');
    appendFileSync('${name}.lives', 'x');
    const life = readFileSync('${name}.lives', 'utf8').length;
    port.on('message', (message) => { if (message === 'close') return port.close(); ${onMessage} });
    ${opens}`,
  );
  const client = new StoreClient({
    workerFile: file,
    worker: { path: '', busyTimeoutMs: 1, statementsCount: 1 },
    limits: { storeRequestsCount: 10, storeRestartMs: 20, storeRestartMostMs: 200, storeYoungMb },
    wallMs: () => undefined,
    say: (sentence) => said.push(sentence),
  });
  await client.open();
  return client;
}

const answer = `port.postMessage({ type: 'done', id: message.id, result: life });`;
const works = (client: StoreClient): Promise<unknown> =>
  until('it works again', () => client.request('queue', 'counts', []).catch(() => undefined));

describe('StoreClient', () => {
  it('holds the young generation of the worker to its limit, however much survives', async () => {
    const client = await clientOf(`
      const kept = [];
      for (let at = 0; at < 2_000_000; at += 1) kept[at % 200_000] = { at };
      const { space_size } = require('node:v8').getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
      port.postMessage({ type: 'done', id: message.id, result: space_size });`);
    // Two halves, of which survivors move from one to the other, and a third for what is too large for them.
    const halves = (2 / 3) * storeYoungMb * 1_048_576;
    const size = await client.request('queue', 'counts', []);
    await client.close();
    expect(size).toBeLessThanOrEqual(halves);
  });

  it.each([
    ['exits', 'process.exit(7)', /exit code 7/],
    ['throws', 'throw new Error("out of its mind")', /out of its mind/],
    ['ends by itself', 'port.close()', /exit code 0/],
  ])('refuses everything outstanding when the worker %s, and starts another', async (_, end, why) => {
    const client = await clientOf(`if (life > 1) ${answer} else { ${end}; }`);
    const outcomes = await Promise.allSettled([
      client.request('queue', 'counts', []),
      client.request('logs', 'read', []),
    ]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'unavailable', message: expect.stringMatching(why) },
      });
    }
    await expect(client.request('queue', 'counts', [])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await works(client)).toBe(2);
    expect(said).toEqual([expect.stringMatching(why), 'the store is there again']);
    expect(said[0]).toMatch(/it is started again in 20 ms$/);
    await client.close();
  });

  it('waits longer with each worker that dies at once, and goes on trying', async () => {
    const opens = `if (life === 2 || life === 3) process.exit(7); port.postMessage({ type: 'opened' });`;
    const client = await clientOf(`if (life === 1) process.exit(7); ${answer}`, opens);
    await expect(client.request('queue', 'counts', [])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await works(client)).toBe(4);
    expect(said.map((sentence) => /in (\d+) ms/.exec(sentence)?.[1])).toEqual(['20', '40', '80', undefined]);
    await client.close();
  });

  it('does not repeat a first start that fails, and starts nothing once it is closed', async () => {
    await expect(clientOf(answer, 'process.exit(3);')).rejects.toMatchObject({
      message: expect.stringMatching(/exit code 3/),
    });
    const client = await clientOf('process.exit(7);');
    await expect(client.request('queue', 'counts', [])).rejects.toMatchObject({ code: 'unavailable' });
    await client.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(client.request('queue', 'counts', [])).rejects.toMatchObject({ code: 'closed' });
    expect(said).toHaveLength(1);
  });

  it('keeps code and sentence of a refusal, and marks a defect by having no code', async () => {
    const client = await clientOf(
      `const error = { code: message.operation === 'counts' ? 'conflict' : undefined, message: 'as sent', stack: 'Error: as sent\\n at there' };
      port.postMessage({ type: 'refused', id: message.id, error });`,
    );
    const refusal = {
      name: 'StoreError',
      code: 'conflict',
      message: 'as sent',
      stack: expect.stringContaining('at there'),
    };
    await expect(client.request('queue', 'counts', [])).rejects.toMatchObject(refusal);
    const defect: unknown = await client.request('queue', 'owners', []).catch((error: unknown) => error);
    expect(defect).toMatchObject({ name: 'Error', message: 'as sent' });
    expect(defect).not.toHaveProperty('code');
    await client.close();
  });

  it('matches answers that come in another order', async () => {
    const client = await clientOf(
      `setTimeout(() => port.postMessage({ type: 'done', id: message.id, result: message.args[0] }), 30 - message.args[0]);`,
    );
    expect(await Promise.all([1, 20, 3].map((value) => client.request('logs', 'read', [value])))).toEqual([1, 20, 3]);
    expect(client.sent).toBe(3);
    await client.close();
  });

  it('refuses what cannot be sent, without keeping a place for it', async () => {
    const client = await clientOf(`port.postMessage({ type: 'done', id: message.id });`);
    for (let round = 0; round < 20; round += 1) {
      await expect(client.request('logs', 'append', [() => undefined])).rejects.toThrow(/could not be cloned/);
    }
    await client.request('logs', 'append', []);
    await client.close();
  });

  it('says so when closing failed', async () => {
    const client = await clientOf(
      '',
      `port.removeAllListeners('message'); port.on('message', () => process.exit(5)); port.postMessage({ type: 'opened' });`,
    );
    await expect(client.close()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('loses nothing that was done before, with the real worker', async () => {
    const client = new StoreClient({
      workerFile: join(__dirname, '../../../../dist/libs/store/src/sqlite/sqlite-worker.js'),
      worker: {
        path: join(directory, 'real.db'),
        busyTimeoutMs: 1_000,
        statementsCount: 10,
        storeGarbageBytes: 1_048_576,
        storeGarbageLookMs: 1_000,
      },
      limits: { storeRequestsCount: 10, storeRestartMs: 20, storeRestartMostMs: 200, storeYoungMb },
      wallMs: () => undefined,
      say: (sentence) => said.push(sentence),
    });
    await client.open();
    expect(await client.request('incarnations', 'next', ['a'])).toBe(1n);
    await (client as unknown as { worker: Worker }).worker.terminate();
    const next = await until('it works again', () =>
      client.request('incarnations', 'next', ['a']).catch(() => undefined),
    );
    expect(next).toBe(2n);
    await client.close();
  });
});
