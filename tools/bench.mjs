// `npm run bench`: builds what is missing, measures the warm path side by side with a bare container and nginx, prints the targets.
//
//   npm run bench -- --seconds 3    length of one measurement
//   npm run bench -- --rounds 5     how often each is measured; figures are medians
//   npm run bench -- --json FILE    leaves everything measured there
//   npm run bench -- --only LIST    comma list of node, runtime, runtimes, nginx, hearth
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { atLeast, benchCommand } from './bench-command.mjs';

await benchCommand({
  defaults: { seconds: '3', rounds: '5' },
  read: (values) => ({ seconds: atLeast(values, 'seconds', 0.1), rounds: Math.ceil(atLeast(values, 'rounds', 1)) }),
  load: async () => (await import('../test/bench/run-bench.mjs')).runBench,
});
