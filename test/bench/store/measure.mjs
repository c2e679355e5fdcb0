// Measures a store: records are inserted into one that is nearly full, one batch after the other; then it is listed by each filter, one list after the
// other; then it is listed while batches come in at the pace of a busy controller.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../figures.mjs';
import { filters, insertStatement, record } from './records.mjs';

/** As a controller stores them: so many in one transaction, and no later than this. */
const batchCount = 500;
const batchMs = 100;
/** Made inside of the database by one statement. */
const fillCount = 50_000;
const page = { namespace: 'guest', skip: 0, limit: 30 };

/** `rows` in the end, the last `inserts` of them through the store. */
export async function measureStore({ dialect, stores, run }, { rows, inserts, lists }) {
  const { activations } = stores;
  const fromMs = Date.now();
  const timed = Math.min(rows, inserts);
  for (let from = 0; from < rows - timed; from += fillCount)
    await run(insertStatement(dialect, { from, to: Math.min(from + fillCount, rows - timed), rows, fromMs }));
  const insert = async (from, count) =>
    activations.insert(Array.from({ length: count }, (_, at) => record(from + at, rows, fromMs)));

  const lateness = monitorEventLoopDelay({ resolution: 5 });
  lateness.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let from = rows - timed; from < rows; from += batchCount) await insert(from, Math.min(batchCount, rows - from));
  const insertsPerSecond = (timed / (performance.now() - began)) * 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const ownMicrosPerRecord = (user + system) / timed;
  lateness.disable();

  const list = async (filter) => {
    const asked = performance.now();
    const found = await activations.list({ ...page, ...filter });
    if (found.length === 0) throw new Error(`a list is empty: ${JSON.stringify(filter)}`);
    return performance.now() - asked;
  };
  const byFilter = {};
  for (const [name, filter] of Object.entries(filters(fromMs))) {
    const times = [];
    for (let n = 0; n < lists; n += 1) times.push(await list(filter));
    byFilter[name] = percentiles(times);
  }

  let inserted = 0;
  let isOver = false;
  const inserting = (async () => {
    while (!isOver) {
      const next = delay(batchMs);
      await insert(rows + inserted, batchCount);
      inserted += batchCount;
      await next;
    }
  })();
  const whileInserting = [];
  const listing = performance.now();
  for (let n = 0; n < lists; n += 1) {
    for (const filter of Object.values(filters(fromMs))) whileInserting.push(await list(filter));
    await delay(5);
  }
  isOver = true;
  await inserting;
  const seconds = (performance.now() - listing) / 1_000;
  return {
    insertsPerSecond,
    ownMicrosPerRecord,
    byFilter,
    whileInserting: { ...percentiles(whileInserting), insertsPerSecond: inserted / seconds },
    loopDelayMs: lateness.percentile(99) / 1e6,
  };
}

function percentiles(times) {
  times.sort((a, b) => a - b);
  return { p50: median(times), p99: times[Math.ceil(times.length * 0.99) - 1], most: times.at(-1) };
}
