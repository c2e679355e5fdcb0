// The bench of the stores: each one filled and read in the same run, through the worker thread as a controller does it, and its targets.
//
// Guarantees: a store that cannot be measured is named with the reason; whatever was started has ended and its files are removed when it
// returns, also after Ctrl-C or an error; it never fails because of a figure.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { withChildren } from '../children.mjs';
import { target, targetLine } from '../figures.mjs';
import { busyShare, busyShareMax, machine } from '../machine.mjs';
import { measureStore } from './measure.mjs';
import { startPostgres } from './private-postgres.mjs';

const { openSqliteStores, openPostgresStores } = createRequire(import.meta.url)('../../../dist/libs/store/src');
const names = ['sqlite', 'postgres'];

export async function runStoreBench({ rows, lists, only, json, say }) {
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`there is no store "${unknown}"; choose of ${names.join(', ')}`);
  const busy = await busyShare();
  if (busy > busyShareMax) say(`the machine is ${Math.round(busy * 100)} % busy with other things`);
  const measured = {};
  const missing = {};
  await withChildren(async (children) => {
    for (const name of names.filter((each) => only?.includes(each) ?? true)) {
      try {
        const stores = await open[name](children, say);
        try {
          measured[name] = await measureStore(stores, { rows, lists });
        } finally {
          await stores.close();
        }
      } catch (error) {
        missing[name] = error.message;
      }
    }
  });
  const all = Object.entries(measured);
  for (const [name, reason] of Object.entries(missing)) say(`${name}: not measured, ${reason}`);
  if (all.length === 0) throw new Error('nothing could be measured');
  for (const [name, { insertsPerSecond, byFilter, memoryMb, loopDelayMs }] of all) {
    say(`${name}: ${rows} records of 1 KB in batches of 500, ${Math.round(insertsPerSecond)} a second`);
    for (const [filter, { p50, p99 }] of Object.entries(byFilter))
      say(`${name}: first page, ${filter}: ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
    const [early, late] = memoryMb.map((mb) => mb.toFixed(0));
    say(
      `${name}: resident ${early} MB after a tenth of the records, ${late} MB at the end; event loop late by at most ${loopDelayMs.toFixed(1)} ms (p99)`,
    );
  }
  say('');
  const targets = targetsOf(measured);
  for (const each of targets) say(targetLine(each));
  if (json === undefined) return;
  const document = {
    machine: machine(),
    busyShareBefore: busy,
    at: new Date().toISOString(),
    rows,
    measured,
    missing,
    targets,
  };
  writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
}

const open = {
  sqlite: (children, say) => openSqliteStores({ path: join(children.makeDirectory('sqlite'), 'hearth.db'), say }),
  postgres: async (children, say) =>
    openPostgresStores({ databaseUrl: process.env.DATABASE_URL || (await startPostgres(children)), say }),
};

function targetsOf(measured) {
  return names.flatMap((name) => {
    const { insertsPerSecond = NaN, byFilter = {}, memoryMb = [] } = measured[name] ?? {};
    const worst = Math.max(...Object.values(byFilter).map(({ p99 }) => p99));
    return [
      target(`store-${name}-inserts-per-second`, insertsPerSecond, '>=', 5_000, ''),
      target(`store-${name}-list-p99`, name in measured ? worst : NaN, '<=', 20, ' ms'),
      target(`store-${name}-memory-growth`, memoryMb[1] - memoryMb[0], '<=', 64, ' MB'),
    ];
  });
}
