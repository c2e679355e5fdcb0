// The bench of the stores: each one filled and read in the same run, through its threads as a controller does it; then a controller's memory under load; targets.
//
// Guarantees: a store that cannot be measured is named with the reason; whatever was started has ended and its files are removed when it
// returns, also after Ctrl-C or an error; it never fails because of a figure.
import { withChildren } from '../children.mjs';
import { target } from '../figures.mjs';
import { busyBefore, finish, measureEach, wanted } from '../frame.mjs';
import { measureControllerMemory } from './controller-memory.mjs';
import { measureStore } from './measure.mjs';
import { open } from './subjects.mjs';
import { measureThreads } from './threads.mjs';

const stores = ['sqlite', 'postgres'];
export async function runStoreBench({ rows, inserts, lists, seconds, warmUpSeconds, rounds, only, json, say }) {
  const names = wanted([...stores, 'controller', 'threads'], only, 'store', [...stores, 'controller']);
  const busy = await busyBefore(say);
  const { measured, missing } = await withChildren((children) =>
    measureEach(names, async (name) => {
      if (name === 'controller') return measureControllerMemory(children, { warmUpSeconds, seconds });
      if (name === 'threads') return measureThreads(children, say, rounds);
      const subject = await open[name](children, say);
      try {
        return await measureStore(subject, { rows, inserts, lists });
      } finally {
        await subject.close();
      }
    }),
  );
  for (const [name, reason] of Object.entries(missing)) say(`${name}: not measured, ${reason}`);
  if (Object.keys(measured).length === 0) throw new Error('nothing could be measured');
  for (const name of stores.filter((each) => each in measured)) sayStore(say, name, measured[name], { rows, inserts });
  if (measured.controller) sayController(say, measured.controller, { warmUpSeconds, seconds });
  for (const [place, { batchMs, pageMs, wallMs, lateMs }] of Object.entries(measured.threads ?? {})) {
    say(
      `PostgreSQL ${place}: the own thread is busy for ${batchMs.toFixed(2)} ms with a batch of 500 records, ${pageMs.toFixed(2)} ms with a page of 200, ` +
        `and late by at most ${lateMs.toFixed(1)} ms; a batch takes ${wallMs.toFixed(1)} ms`,
    );
  }
  finish({
    json,
    say,
    busy,
    rows,
    inserts,
    lists,
    warmUpSeconds,
    seconds,
    measured,
    missing,
    targets: targetsOf(measured),
  });
}

function sayStore(
  say,
  name,
  { insertsPerSecond, ownMicrosPerRecord, byFilter, whileInserting, loopDelayMs },
  { rows, inserts },
) {
  const [count, through] = [rows, Math.min(rows, inserts)].map((each) => each.toLocaleString('en-US'));
  say(
    `${name}: ${count} records of 1 KB; the last ${through} in batches of 500: ${Math.round(insertsPerSecond)} a second, ` +
      `${ownMicrosPerRecord.toFixed(1)} µs of processor time of this process each; event loop late by at most ${loopDelayMs.toFixed(1)} ms (p99)`,
  );
  for (const [filter, { p50, p99 }] of Object.entries(byFilter))
    say(`${name}: first page, ${filter}: ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  const { p50, p99, most } = whileInserting;
  say(
    `${name}: first page, all filters in turn while ${Math.round(whileInserting.insertsPerSecond)} records a second come in: ` +
      `${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${most.toFixed(1)} ms at most`,
  );
}

function sayController(say, { earlyMb, lateMb, mbPerMinute, records }, { warmUpSeconds, seconds }) {
  say(
    `controller: ${records} records written and lists read; after ${warmUpSeconds} s of warm-up resident ${earlyMb.toFixed(1)} MB, ` +
      `${lateMb.toFixed(1)} MB ${seconds} s later, ${mbPerMinute.toFixed(2)} MB a minute`,
  );
}

function targetsOf(measured) {
  const ofStores = stores.flatMap((name) => {
    const { insertsPerSecond = NaN, byFilter = {}, whileInserting } = measured[name] ?? {};
    const worst = Math.max(...Object.values(byFilter).map(({ p99 }) => p99));
    return [
      target(`store-${name}-inserts-per-second`, insertsPerSecond, '>=', 5_000, ''),
      target(`store-${name}-list-p99`, name in measured ? worst : NaN, '<=', 20, ' ms'),
      target(`store-${name}-list-p99-while-inserting`, whileInserting?.p99 ?? NaN, '<=', 20, ' ms'),
    ];
  });
  const { earlyMb = NaN, lateMb = NaN } = measured.controller ?? {};
  return [...ofStores, target('store-controller-memory-growth', lateMb - earlyMb, '<=', 20, ' MB')];
}
