// `npm run bench:store`: builds what is missing, fills each store with activation records, lists them by every filter, puts a controller under load, prints the targets.
//
//   npm run bench:store -- --only postgres        comma list of sqlite, postgres, controller, threads (default: all but threads)
//   npm run bench:store -- --rows 100000          records in each store (default: 1,000,000)
//   npm run bench:store -- --inserts 1000000      how many of them come through the store; the others are made by the database (default: 100,000)
//   npm run bench:store -- --lists 200            lists by each filter
//   npm run bench:store -- --seconds 600          how long the controller's memory is watched (default: 40)
//   npm run bench:store -- --warm-up 300          and for how many seconds it is under load before that (default: 60)
//   npm run bench:store -- --rounds 5             rounds of `threads`: PostgreSQL in a worker thread and in the own one
//   npm run bench:store -- --json FILE            leaves everything measured there
//
// PostgreSQL is a private one of the machine's programs, or the empty database of DATABASE_URL. Exits 0 whether targets are met or missed; 1 when
// nothing could be measured, 2 for a wrong option.
import { atLeast, benchCommand, wholeFrom1 } from './bench-command.mjs';

await benchCommand({
  defaults: { rows: '1000000', inserts: '100000', lists: '200', seconds: '40', 'warm-up': '60', rounds: '5' },
  read: (values) => ({
    rows: wholeFrom1(values, 'rows'),
    inserts: wholeFrom1(values, 'inserts'),
    lists: wholeFrom1(values, 'lists'),
    seconds: atLeast(values, 'seconds', 1),
    warmUpSeconds: atLeast(values, 'warm-up', 0),
    rounds: wholeFrom1(values, 'rounds'),
  }),
  load: async () => (await import('../test/bench/store/run.mjs')).runStoreBench,
});
