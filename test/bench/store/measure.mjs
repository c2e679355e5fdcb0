// Fills a store with records and lists them, as a controller does: one batch after the other, one list after the other.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { median } from '../figures.mjs';

const batchCount = 500;
const dayMs = 86_400_000;
const actionsCount = 50;
/** One in so many is of a package: what few records have must be found as fast as what all have. */
const packagedEvery = 50_000;
const padding = 'x'.repeat(700);

export async function measureStore(stores, { rows, lists }) {
  const { activations } = stores;
  const beganMs = Date.now();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let memoryEarly = 0;
  const began = performance.now();
  for (let from = 0; from < rows; from += batchCount) {
    const count = Math.min(batchCount, rows - from);
    await activations.insert(Array.from({ length: count }, (_, at) => record(from + at, rows, beganMs)));
    if (memoryEarly === 0 && from >= rows / 10) memoryEarly = process.memoryUsage.rss() / 2 ** 20;
  }
  const tookMs = performance.now() - began;
  delay.disable();
  const byFilter = {};
  for (const [name, filter] of Object.entries(filters(beganMs))) {
    const times = [];
    for (let n = 0; n < lists; n += 1) {
      const asked = performance.now();
      const page = await activations.list({ namespace: 'guest', skip: 0, limit: 30, ...filter });
      times.push(performance.now() - asked);
      if (page.length === 0) throw new Error(`the list ${name} is empty`);
    }
    times.sort((a, b) => a - b);
    byFilter[name] = { p50: median(times), p99: times[Math.ceil(times.length * 0.99) - 1] };
  }
  const memoryMb = [memoryEarly, process.memoryUsage.rss() / 2 ** 20];
  return { insertsPerSecond: (rows / tookMs) * 1_000, byFilter, memoryMb, loopDelayMs: delay.percentile(99) / 1e6 };
}

/** Spread over two days, so over partitions, where there are any. */
const spreadMs = 2 * dayMs;

function record(index, rows, fromMs) {
  const start = Math.floor(fromMs + (index / rows) * spreadMs);
  const activationId = start.toString(16).padStart(12, '0') + index.toString(16).padStart(20, '0');
  const packaged = index % packagedEvery === 7;
  const name = index % packagedEvery === 9 ? 'rare' : packaged ? 'action1' : `action${index % actionsCount}`;
  const summary = {
    namespace: 'guest',
    name,
    version: '0.0.1',
    activationId,
    start,
    end: start + 5,
    duration: 5,
    statusCode: 0,
    publish: false,
  };
  return {
    namespace: 'guest',
    activationId,
    acceptedAt: start,
    start,
    end: start + 5,
    name,
    packageName: packaged ? 'package1' : undefined,
    statusCode: 0,
    summary: JSON.stringify(summary),
    record: JSON.stringify({ ...summary, response: { status: 'success', result: { padding } }, logs: [] }),
  };
}

const filters = (fromMs) => ({
  'no filter': {},
  'a name that many have': { name: 'action1' },
  'a name that few have': { name: 'rare' },
  'a package that few have': { name: 'action1', packageName: 'package1' },
  since: { since: fromMs + spreadMs / 2 },
  upto: { upto: fromMs + spreadMs / 2 },
  'name, since and upto': { name: 'action2', since: fromMs + spreadMs / 4, upto: fromMs + spreadMs / 2 },
});
