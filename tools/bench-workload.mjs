// `npm run bench:workload`: builds what is missing, and measures how well the workload driver keeps its own schedule: an open loop against a host that answers at once,
// both as processes of their own, on whatever cores there are.
//
//   npm run bench:workload -- --rate 5000 --seconds 10 --rounds 3
//   npm run bench:workload -- --json FILE           leaves everything measured there
//
// The last lines are the targets. Exits 0 whether they are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { atLeast, benchCommand, wholeFrom1 } from './bench-command.mjs';

await benchCommand({
  defaults: { rate: '5000', seconds: '10', rounds: '3' },
  read: (values) => ({
    rate: atLeast(values, 'rate', 1),
    seconds: atLeast(values, 'seconds', 1),
    rounds: wholeFrom1(values, 'rounds'),
  }),
  load: async () => (await import('../test/bench/workload/run.mjs')).runWorkloadBench,
});
