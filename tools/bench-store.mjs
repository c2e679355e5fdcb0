// `npm run bench:store`: builds what is missing, fills each store with activation records, lists them by every filter, prints the targets.
//
//   npm run bench:store -- --only postgres        comma list of sqlite, postgres (default: all that work here)
//   npm run bench:store -- --rows 100000          records in each store (default: 1,000,000)
//   npm run bench:store -- --lists 200            lists by each filter
//   npm run bench:store -- --json FILE            leaves everything measured there
//
// PostgreSQL is a private one of the machine's programs, or the empty database of DATABASE_URL. Exits 0 whether targets are met or missed; 1 when
// nothing could be measured, 2 for a wrong option.
import { benchCommand, wholeFrom1 } from './bench-command.mjs';

await benchCommand({
  defaults: { rows: '1000000', lists: '200' },
  read: (values) => ({ rows: wholeFrom1(values, 'rows'), lists: wholeFrom1(values, 'lists') }),
  load: async () => (await import('../test/bench/store/run.mjs')).runStoreBench,
});
