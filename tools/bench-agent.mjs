// `npm run bench:agent`: builds what is missing, measures each container driver through the agent's REST routes, prints the targets.
//
//   npm run bench:agent -- --only docker,runc     comma list of process, docker, runc (default: all that work here)
//   npm run bench:agent -- --rounds 15            containers created and removed one after the other
//   npm run bench:agent -- --cycles 1000          suspensions and resumptions of one container
//   npm run bench:agent -- --parallel 8           containers created at once
//   npm run bench:agent -- --json FILE            leaves everything measured there
//
// Docker and runc need root. Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { benchCommand, wholeFrom1 } from './bench-command.mjs';

await benchCommand({
  defaults: { rounds: '15', cycles: '1000', parallel: '8' },
  read: (values) => ({
    rounds: wholeFrom1(values, 'rounds'),
    cycles: wholeFrom1(values, 'cycles'),
    parallel: wholeFrom1(values, 'parallel'),
  }),
  load: async () => (await import('../test/bench/agent/run.mjs')).runAgentBench,
});
