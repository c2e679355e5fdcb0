// `npm run bench:simulate`: builds what is missing, and measures how fast clusters are simulated, a small and a large one.
//
//   npm run bench:simulate -- --invocations 100000   of one round
//   npm run bench:simulate -- --rounds 5             how many rounds; figures are medians
//   npm run bench:simulate -- --share 0.1            of 10,000 nodes, 200,000 containers and 1,000,000 actions
//   npm run bench:simulate -- --only small           comma list of small, large
//   npm run bench:simulate -- --json FILE            leaves everything measured there
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { atLeast, benchCommand, wholeFrom1 } from './bench-command.mjs';

await benchCommand({
  defaults: { invocations: '100000', rounds: '15', share: '1' },
  read: (values) => ({
    invocations: wholeFrom1(values, 'invocations'),
    rounds: wholeFrom1(values, 'rounds'),
    share: atLeast(values, 'share', 0.001),
  }),
  load: async () => (await import('../test/bench/simulate-bench.mjs')).runSimulateBench,
});
