// What docs/decisions/0008 is about: the same records into the same PostgreSQL, with its connections in a worker thread and in the controller's own thread, in turns.
// Counted is how long the own thread's event loop was busy: in that time no reply leaves.
import { createRequire } from 'node:module';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { median } from '../figures.mjs';
import { filters, record } from './records.mjs';
import { open } from './subjects.mjs';

const require = createRequire(import.meta.url);
const inDist = (path) => require(`../../../dist/libs/store/src/${path}`);
const batchCount = 500;
const batches = 20;
const page = { namespace: 'guest', skip: 0, limit: 200 };

/** @returns {Promise<Record<string, { batchMs: number, pageMs: number, wallMs: number, lateMs: number }>>} medians of the rounds */
export async function measureThreads(children, say, rounds) {
  const { stores, databaseUrl, close } = await open.postgres(children, say);
  const own = inOwnThread(databaseUrl, say);
  try {
    const places = { 'in a worker thread': stores.activations, 'in the own thread': own.activations };
    const fromMs = Date.now();
    let index = 0;
    const found = {};
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, activations] of Object.entries(places)) {
        const rows = Array.from({ length: batches * batchCount }, () => record((index += 1), 1_000_000, fromMs));
        const writing = await busy(async () => {
          for (let from = 0; from < rows.length; from += batchCount)
            await activations.insert(rows.slice(from, from + batchCount));
        });
        const reading = await busy(async () => {
          for (let n = 0; n < batches; n += 1) await activations.list({ ...page, ...filters(fromMs)['no filter'] });
        });
        // The first round compiles.
        if (round > 0) (found[name] ??= []).push({ writing, reading });
      }
    }
    const of = (each, figure) => median(each.map(figure));
    const entries = Object.entries(found).map(([name, each]) => [
      name,
      {
        batchMs: of(each, ({ writing }) => writing.busyMs),
        pageMs: of(each, ({ reading }) => reading.busyMs),
        wallMs: of(each, ({ writing }) => writing.wallMs),
        lateMs: of(each, ({ writing }) => writing.lateMs),
      },
    ]);
    return Object.fromEntries(entries);
  } finally {
    await own.close();
    await close();
  }
}

function inOwnThread(databaseUrl, say) {
  const { Kysely, PostgresDialect } = require('kysely');
  const { StorePool } = inDist('postgres/postgres-pool');
  const settings = { databaseUrl, connectionsCount: 8, connectMs: 5_000, statementMs: 15_000 };
  const database = new Kysely({ dialect: new PostgresDialect({ pool: new StorePool(settings, say) }) });
  const { activations } = inDist('sql/sql-stores').sqlStores(
    database,
    inDist('postgres/postgres-differences').postgresDifferences(),
  );
  return { activations, close: () => database.destroy() };
}

/** For each of the `batches` things that are done: milliseconds in which the event loop was busy, and that passed; and how late it was at most. */
async function busy(act) {
  const lateness = monitorEventLoopDelay({ resolution: 1 });
  lateness.enable();
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  await act();
  const wallMs = (performance.now() - began) / batches;
  const { active } = performance.eventLoopUtilization(before);
  lateness.disable();
  return { busyMs: active / batches, wallMs, lateMs: lateness.max / 1e6 };
}
