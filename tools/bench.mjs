// `npm run bench`: builds what is missing, measures the warm path side by side with a bare container and nginx, prints the targets.
//
//   npm run bench -- --seconds 3    length of one measurement
//   npm run bench -- --rounds 5     how often each is measured; figures are medians
//   npm run bench -- --json FILE    leaves everything measured there
//   npm run bench -- --only LIST    comma list of node, runtime, runtimes, nginx, hearth
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
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const number = (name, least) => {
    const value = Number(values[name]);
    if (!(value >= least)) throw new Error(`--${name} is "${values[name]}"; give a number of at least ${least}`);
    return value;
  };
  return {
    seconds: number('seconds', 0.1),
    rounds: Math.ceil(number('rounds', 1)),
    json: values.json,
    only: values.only?.split(','),
  };
}

async function main() {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint !== undefined) throw new Error(complaint);
  installIfNeeded(root, say);
  const { build } = await import('./build.mjs');
  if (build()) say('bench: built dist/');
  const { runBench } = await import('../test/bench/run-bench.mjs');
  await runBench({ ...options, say });
}

let options;
try {
  options = readOptions();
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = options === undefined ? 2 : error.signal === undefined ? 1 : 130;
}
