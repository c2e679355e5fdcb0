// `npm run bench` and `npm run bench:full`: build what is missing, measure the platform in scenarios beside a bare container and nginx, print the targets.
//
//   npm run bench                          the quick scenarios, under three minutes
//   npm run bench:full                     all of them; about 12 minutes and the soak
//   npm run bench -- --only LIST           comma list of scenarios (docs/benchmarks.md)
//   npm run bench -- --seconds N           length of one measurement (1.5; full 2.5)
//   npm run bench -- --rounds 3            how often each is measured; figures are medians
//   npm run bench -- --soak-minutes 30     length of the soak; 0 leaves it out
//   npm run bench -- --json FILE           leaves everything measured there
//   npm run bench -- --html FILE           and a report with plots (default: bench-results/report.html)
//   npm run bench -- --compare FILE        an earlier --json: what has changed
//   npm run bench -- --apihost URL --auth USER:PASSWORD   measures that OpenWhisk API host, by the scenarios that any host can be measured by
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast, benchCommand } from './bench-command.mjs';

const isFull = process.argv[2] === 'full';
if (isFull) process.argv.splice(2, 1);
const results = join(dirname(fileURLToPath(import.meta.url)), '../bench-results');

await benchCommand({
  defaults: { seconds: isFull ? '2.5' : '1.5', rounds: '3', 'soak-minutes': '30' },
  more: ['html', 'compare', 'apihost', 'auth'],
  read: (values) => {
    const seconds = atLeast(values, 'seconds', 0.1);
    const rounds = Math.ceil(atLeast(values, 'rounds', 1));
    const soakMinutes = atLeast(values, 'soak-minutes', 0);
    const { html = join(results, 'report.html'), compare, apihost, auth } = values;
    mkdirSync(dirname(html), { recursive: true });
    return { full: isFull, seconds, rounds, soakMinutes, html, compare, apihost, auth };
  },
  load: async () => (await import('../test/bench/run-bench.mjs')).runBench,
});
