// The client against workers that misbehave: real threads, made of a few lines each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreClient } from './store-client';

const directory = mkdtempSync(join(tmpdir(), 'hearth-store-client-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;
async function clientOf(onMessage: string): Promise<StoreClient> {
  const file = join(directory, `worker${(count += 1)}.js`);
  const port = `const { parentPort: port } = require('node:worker_threads');`;
  writeFileSync(
    file,
    `${port} port.on('message', (message) => { ${onMessage} }); port.postMessage({ type: 'opened' });`,
  );
  const client = new StoreClient(file, { path: '', busyTimeoutMs: 1, statementsCount: 1 }, 10, () => undefined);
  await client.opened();
  return client;
}

describe('StoreClient', () => {
  it.each([
    ['exits', 'process.exit(7)', /exit code 7/],
    ['throws', 'throw new Error("out of its mind")', /out of its mind/],
    ['ends by itself', 'port.close()', /exit code 0/],
  ])('refuses everything outstanding and everything later when the worker %s', async (_, onMessage, why) => {
    const client = await clientOf(onMessage);
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
    await client.close();
  });

  it('keeps code and sentence of a refusal, and marks a defect by having no code', async () => {
    const client = await clientOf(
      `if (message === 'close') return port.close();
      const error = { code: message.operation === 'counts' ? 'conflict' : undefined, message: 'as sent', stack: 'Error: as sent\\n at there' };
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
      `if (message === 'close') return port.close();
      setTimeout(() => port.postMessage({ type: 'done', id: message.id, result: message.args[0] }), 30 - message.args[0]);`,
    );
    expect(await Promise.all([1, 20, 3].map((value) => client.request('logs', 'read', [value])))).toEqual([1, 20, 3]);
    expect(client.sent).toBe(3);
    await client.close();
  });

  it('refuses what cannot be sent, without keeping a place for it', async () => {
    const client = await clientOf(
      `if (message === 'close') return port.close(); port.postMessage({ type: 'done', id: message.id });`,
    );
    for (let round = 0; round < 20; round += 1) {
      await expect(client.request('logs', 'append', [() => undefined])).rejects.toThrow(/could not be cloned/);
    }
    await client.request('logs', 'append', []);
    await client.close();
  });

  it('says so when closing failed', async () => {
    const client = await clientOf(`process.exit(5)`);
    await expect(client.close()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
