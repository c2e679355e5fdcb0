// In a process of its own: a priority that was lowered cannot be raised again without privilege.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { helpersYield } from './helpers-yield';

const built = resolve(__dirname, '../../../dist/libs/lifecycle/src/helpers-yield.js');

/** Of its threads, by when they are looked at: the niceness of each. `nice` is the seventeenth field behind the name. */
const program = `
  const { readdirSync, readFileSync, promises } = require('node:fs');
  const { Worker } = require('node:worker_threads');
  const nicenessOf = () => Object.fromEntries(readdirSync('/proc/self/task').map((thread) =>
    [thread, Number(readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ').at(-1).split(' ')[16])]));
  const before = nicenessOf();
  require(${JSON.stringify(built)}).helpersYield();
  const worker = new Worker('require("node:worker_threads").parentPort.postMessage(0)', { eval: true });
  worker.on('message', () => promises.readFile(process.execPath).then(() =>
    console.log(JSON.stringify({ main: process.pid, before, after: nicenessOf() }))));
`;

interface Seen {
  readonly main: number;
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

const onLinux = process.platform === 'linux' ? it : it.skip; // Elsewhere threads have no priority of their own.

describe('helpers of V8', () => {
  onLinux.each([
    [0, 10],
    [15, 19],
  ])('yield to the main thread at %i, and to every thread that is started later', (started, lowered) => {
    const said = execFileSync('nice', ['-n', String(started), process.execPath, '-e', program], { encoding: 'utf8' });
    const { main, before, after } = JSON.parse(said) as Seen;
    const helpers = Object.keys(before).filter((thread) => Number(thread) !== main);
    expect(helpers.length).toBeGreaterThan(0);
    // This test may be niced itself.
    const own = before[main]! - started;
    for (const thread of helpers) expect(after[thread]).toBe(Math.min(19, own + lowered));
    const others = Object.keys(after).filter((thread) => !helpers.includes(thread));
    expect(others.length).toBeGreaterThan(2);
    for (const thread of others) expect(after[thread]).toBe(before[main]);
  });

  onLinux('keep no app from starting where the system refuses', () => {
    const refusal = new Error('EACCES');
    const refuses = (): never => {
      throw refusal;
    };
    expect(helpersYield(refuses)).toBe(refusal);
  });
});
