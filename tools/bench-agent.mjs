// `npm run bench:agent`: builds what is missing, measures each container driver through the agent's REST routes, prints the targets.
//
//   npm run bench:agent -- --only docker,runc     comma list of process, docker, runc (default: all that work here)
//   npm run bench:agent -- --rounds 15            containers created and removed one after the other
//   npm run bench:agent -- --cycles 1000          suspensions and resumptions of one container
//   npm run bench:agent -- --parallel 8           containers created at once
//   npm run bench:agent -- --json FILE            leaves everything measured there
//
// Docker and runc need root. Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option.
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
      only: { type: 'string' },
      rounds: { type: 'string', default: '15' },
      cycles: { type: 'string', default: '1000' },
      parallel: { type: 'string', default: '8' },
      json: { type: 'string' },
    },
  });
  const count = (name) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} is "${values[name]}"; give a whole number from 1`);
    return value;
  };
  return {
    rounds: count('rounds'),
    cycles: count('cycles'),
    parallel: count('parallel'),
    only: values.only?.split(','),
    json: values.json,
  };
}

async function main() {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint !== undefined) throw new Error(complaint);
  installIfNeeded(root, say);
  const { build } = await import('./build.mjs');
  if (build()) say('bench: built dist/');
  const { runAgentBench } = await import('../test/bench/agent/run.mjs');
  await runAgentBench({ ...options, say });
}

let options;
try {
  options = readOptions();
  await main();
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = options === undefined ? 2 : error.signal === undefined ? 1 : 130;
}
