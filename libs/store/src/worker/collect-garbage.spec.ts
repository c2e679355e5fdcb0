// The real worker, with somebody in its thread who counts the collections that were asked for and tells of the old generation.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordOf } from '../conformance/records';
import { StoreClient } from './store-client';

const directory = mkdtempSync(join(tmpdir(), 'hearth-collect-garbage-'));
const clients: StoreClient[] = [];
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  rmSync(directory, { recursive: true, force: true });
});

const file = join(directory, 'watched-worker.js');
writeFileSync(
  file,
  `const { constants, PerformanceObserver } = require('node:perf_hooks');
  const { parentPort } = require('node:worker_threads');
  const { getHeapSpaceStatistics } = require('node:v8');
  const oldBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space').space_used_size;
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      const isAskedFor = (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && isAskedFor) parentPort.postMessage({ type: 'said', sentence: 'collected' });
    }
  }).observe({ entryTypes: ['gc'] });
  parentPort.on('message', (message) => message.operation === 'counts' && parentPort.postMessage({ type: 'said', sentence: String(oldBytes()) }));
  require(${JSON.stringify(join(__dirname, '../../../../dist/libs/store/src/sqlite/sqlite-worker.js'))});`,
);

interface Watched {
  readonly client: StoreClient;
  /** How often somebody asked for a collection of the old generation. */
  collections(): number;
  /** The size of the old generation now. */
  oldBytes(): Promise<number>;
}

async function watched(name: string): Promise<Watched> {
  const said: string[] = [];
  const worker = {
    path: join(directory, `${name}.db`),
    busyTimeoutMs: 1_000,
    statementsCount: 100,
    onlyReads: false,
    storeGarbageBytes: 65_536,
    storeGarbageLookMs: 5,
  };
  const client = new StoreClient({
    workerFile: file,
    worker,
    limits: { storeRequestsCount: 10, storeRestartMs: 20, storeRestartMostMs: 200, storeYoungMb: 12 },
    wallMs: () => undefined,
    say: (sentence) => said.push(sentence),
  });
  clients.push(client);
  await client.open();
  return {
    client,
    collections: () => said.filter((sentence) => sentence === 'collected').length,
    oldBytes: async () => {
      await client.request('queue', 'counts', []);
      return Number(said.findLast((sentence) => /^\d+$/.test(sentence)));
    },
  };
}

const pad = 'x'.repeat(1_000);
const batchLength = 500;
const batchesMost = 400;

/** Stores batches as the recorder does, until somebody has asked for so many collections; V8 by itself would wait for more than a thousand. */
async function storeUntilCollected({ client, collections }: Watched, times: number): Promise<void> {
  const ids = { next: times * batchesMost * batchLength };
  for (let batch = 0; batch < batchesMost && collections() < times; batch += 1) {
    const rows = Array.from({ length: batchLength }, () => {
      ids.next += 1;
      return recordOf(ids.next, { record: JSON.stringify({ id: ids.next, pad }) });
    });
    await client.request('activations', 'insert', [rows]);
  }
  expect(collections()).toBeGreaterThanOrEqual(times);
}

describe('collecting garbage of a store worker', () => {
  it('happens again and again while records are stored, in each of several workers, so that old generations do not grow', async () => {
    const workers = await Promise.all(['a', 'b', 'c'].map(watched));
    const leftBytes = await Promise.all(
      workers.map(async (each) => {
        await storeUntilCollected(each, 2);
        return each.oldBytes();
      }),
    );
    for (const [at, each] of workers.entries()) {
      await storeUntilCollected(each, 5);
      expect(await each.oldBytes()).toBeLessThan(leftBytes[at]! + 2_097_152);
    }
  });
});
