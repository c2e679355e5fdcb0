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
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installIfNeeded } from '../bin/install.mjs';
import { nodeComplaint } from '../bin/node-version.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      rate: { type: 'string', default: '2200' },
      demands: { type: 'string', default: '20000' },
      rounds: { type: 'string', default: '5' },
      share: { type: 'string', default: '1' },
      placement: { type: 'string' },
      reclaim: { type: 'string' },
      json: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const number = (name, least) => {
    const value = Number(values[name]);
    if (!(value >= least)) throw new Error(`--${name} is "${values[name]}"; give a number of at least ${least}`);
    return value;
  };
  const { placement, reclaim, json, only } = values;
  return {
    seconds: number('seconds', 0.5),
    rate: number('rate', 1),
    demands: Math.ceil(number('demands', 100)),
    rounds: Math.ceil(number('rounds', 1)),
    share: number('share', 0.01),
    policies: { ...(placement === undefined ? {} : { placement }), ...(reclaim === undefined ? {} : { reclaim }) },
    json,
    only: only?.split(','),
  };
}

async function main() {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint !== undefined) throw new Error(complaint);
  installIfNeeded(root, say);
  const { build } = await import('./build.mjs');
  if (build()) say('bench: built dist/');
  const { runSchedulerBench } = await import('../test/bench/scheduler/run.mjs');
  await runSchedulerBench({ ...options, say });
}

let options;
try {
  options = readOptions();
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = options === undefined ? 2 : error.signal === undefined ? 1 : 130;
}
