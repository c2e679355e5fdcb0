// `npm run bench:scheduler`: builds what is missing, measures the container pool alone and the whole scheduler, prints the targets.
//
//   npm run bench:scheduler -- --seconds 10       how long the whole scheduler is measured
//   npm run bench:scheduler -- --rate 3000        how many containers a second are asked for
//   npm run bench:scheduler -- --demands 20000    how many demands the pool decides in one round
//   npm run bench:scheduler -- --rounds 5         how many rounds; figures are medians
//   npm run bench:scheduler -- --share 0.1        of 1,000 nodes, 100,000 containers and 10,000 action keys
//   npm run bench:scheduler -- --placement pack --reclaim greedy-dual   policies of the pool
//   npm run bench:scheduler -- --json FILE        leaves everything measured there
//   npm run bench:scheduler -- --only LIST        comma list of pool, grants
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { atLeast, benchCommand } from './bench-command.mjs';

await benchCommand({
  defaults: { seconds: '10', rate: '2200', demands: '20000', rounds: '5', share: '1' },
  more: ['placement', 'reclaim'],
  read: (values) => ({
    seconds: atLeast(values, 'seconds', 0.5),
    rate: atLeast(values, 'rate', 1),
    demands: Math.ceil(atLeast(values, 'demands', 100)),
    rounds: Math.ceil(atLeast(values, 'rounds', 1)),
    share: atLeast(values, 'share', 0.01),
    policies: {
      ...(values.placement === undefined ? {} : { placement: values.placement }),
      ...(values.reclaim === undefined ? {} : { reclaim: values.reclaim }),
    },
  }),
  load: async () => (await import('../test/bench/scheduler/run.mjs')).runSchedulerBench,
});
