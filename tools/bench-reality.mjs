// `npm run bench:reality`: builds what is missing, measures what containers and platform take on this machine, runs three workloads on the real platform with the
// process driver, simulates the same files with what was measured, prints both in one table, and the targets. About four minutes.
//
//   npm run bench:reality -- --only hundred,bursts   comma list of hundred, wild, bursts
//   npm run bench:reality -- --json FILE             leaves everything measured there; `hearth simulate --agent-bench FILE` uses it, too
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
import { benchCommand } from './bench-command.mjs';

await benchCommand({
  defaults: {},
  read: () => ({}),
  load: async () => (await import('../test/bench/reality/run.mjs')).runRealityBench,
});
