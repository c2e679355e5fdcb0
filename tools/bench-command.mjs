// What all `npm run bench…` commands have in common: options, what is missing is installed and built, one sentence for what goes wrong.
//
// Exits 0 whether targets are met or missed; 1 when nothing could be measured, 2 for a wrong option, 130 when stopped by a signal.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installIfNeeded } from '../bin/install.mjs';
import { nodeComplaint } from '../bin/node-version.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);

/**
 * `defaults` are texts by option name; `json` and `only` are options of every bench, `more` of this one. `read` makes of the texts what the bench
 * takes, and `load` imports it: only then is everything installed.
 */
export async function benchCommand({ defaults, more = [], read, load }) {
  let options;
  try {
    const texts = Object.entries(defaults).map(([name, text]) => [name, { type: 'string', default: text }]);
    const others = ['json', 'only', ...more].map((name) => [name, { type: 'string' }]);
    const { values } = parseArgs({ options: Object.fromEntries([...texts, ...others]) });
    options = { ...read(values), json: values.json, only: values.only?.split(',') };
    const complaint = nodeComplaint(process.versions.node);
    if (complaint !== undefined) throw new Error(complaint);
    installIfNeeded(root, say);
    const { build } = await import('./build.mjs');
    if (build()) say('bench: built dist/');
    const run = await load();
    await run({ ...options, say });
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = options === undefined ? 2 : error.signal === undefined ? 1 : 130;
  }
}

/** A number of at least `least`, or the sentence of a wrong option. */
export function atLeast(values, name, least) {
  const value = Number(values[name]);
  if (!(value >= least)) throw new Error(`--${name} is "${values[name]}"; give a number of at least ${least}`);
  return value;
}

export function wholeFrom1(values, name) {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is "${values[name]}"; give a whole number from 1`);
  return value;
}
