// `hearth simulate FILE`: runs a workload file on a simulated cluster, once for each policy, and prints the tables of a run and what the policies cost.
//
// Exit code: 0 done, 1 the file or a measurement cannot be read or planned, 2 not understood.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Plan, planWorkload, problemLine, readWorkload, resultTable, type WorkloadResult } from '#workload';
import { placements, type PolicyNames } from '../../apps/scheduler/src/core/policies';
import { fittedTimings, type Measured, measuredOfBench } from './fitted-timings';
import { usualCluster, WorkloadCluster } from './workload-cluster';

/** What `--policy` names: for how long idle containers are kept, and which give way when memory is short. */
export const policies = {
  fixed: { keepAlive: 'fixed', reclaim: 'lru' },
  lru: { keepAlive: 'while-room', reclaim: 'lru' },
  'greedy-dual': { keepAlive: 'while-room', reclaim: 'greedy-dual' },
  'hybrid-histogram': { keepAlive: 'hybrid-histogram', reclaim: 'lru' },
} as const satisfies Record<string, Partial<PolicyNames>>;
type PolicyName = keyof typeof policies;

export interface PolicyFigures {
  readonly policy: string;
  readonly coldShare: number;
  /** A quarter of the actions have a larger share. */
  readonly coldThirdQuartile: number;
  readonly wastedGbS: number;
  readonly wastedShare: number;
}

class Misunderstood extends Error {}

/** Answers the exit code. */
export function runSimulate(words: readonly string[], { out }: { out(text: string): void }): number {
  try {
    return simulateFile(words, out);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const isOption = typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
    out(`hearth: simulate: ${message}\n`);
    return error instanceof Misunderstood || isOption ? 2 : 1;
  }
}

function read(words: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      policy: { type: 'string', default: 'fixed' },
      placement: { type: 'string', default: 'least-loaded' },
      nodes: { type: 'string', default: String(usualCluster.nodes) },
      'node-memory-mb': { type: 'string', default: String(usualCluster.nodeMemoryMb) },
      controllers: { type: 'string', default: String(usualCluster.controllers) },
      'stem-cells': { type: 'string', default: String(usualCluster.stemCellCount) },
      'keep-minutes': { type: 'string', default: '10' },
      seed: { type: 'string' },
      'agent-bench': { type: 'string' },
      driver: { type: 'string', default: 'process' },
      json: { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new Misunderstood('name one workload file; see hearth simulate --help.');
  return { ...values, file };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && text !== '') return value;
  throw new Misunderstood(`--${name} is "${text}"; give a number of at least ${least}.`);
}

function oneOf<K extends string>(name: string, text: string, known: Readonly<Record<K, unknown>>): K {
  if (text in known) return text as K;
  throw new Misunderstood(`there is no ${name} "${text}"; choose of ${Object.keys(known).join(', ')}.`);
}

function planOf(file: string, seed: number | undefined): Plan {
  const read = readWorkload(readFileSync(file, 'utf8'));
  if (!read.workload) throw new Error(read.problems.map((problem) => problemLine(file, problem)).join('\n'));
  return planWorkload(read.workload, { seed, readFile: (name) => readFileSync(join(dirname(file), name), 'utf8') });
}

function simulateFile(words: readonly string[], out: (text: string) => void): number {
  const options = read(words);
  const names = options.policy.split(',').map((name): PolicyName => oneOf('policy', name, policies));
  const placement = oneOf('placement', options.placement, placements);
  const nodes = number('nodes', options.nodes, 1);
  const nodeMemoryMb = number('node-memory-mb', options['node-memory-mb'], 128);
  const keepMinutes = number('keep-minutes', options['keep-minutes'], 0.001);
  const bench = options['agent-bench'];
  const measured: Measured =
    bench === undefined ? { times: {} } : measuredOfBench(readFileSync(bench, 'utf8'), options.driver);
  const settings = {
    ...usualCluster,
    nodes,
    nodeMemoryMb,
    controllers: number('controllers', options.controllers, 1),
    stemCellCount: number('stem-cells', options['stem-cells'], 0),
    limits: { idleRemovalMs: Math.round(keepMinutes * 60_000) },
    timings: fittedTimings(measured.times, measured.busy),
  };
  const plan = planOf(options.file, options.seed === undefined ? undefined : number('seed', options.seed, 0));
  const rows: PolicyFigures[] = [];
  const results: WorkloadResult[] = [];
  for (const policy of names) {
    const cluster = new WorkloadCluster(plan, {
      ...settings,
      seed: plan.seed,
      policies: { ...policies[policy], placement },
    });
    const began = performance.now();
    cluster.finish();
    const seconds = (performance.now() - began) / 1_000;
    const { statistics, elapsedMs, answered, cold, coldThirdQuartile } = cluster.run;
    const target = `${nodes} nodes of ${nodeMemoryMb} MB, policy ${policy}`;
    const result = statistics.toResult({ source: 'simulation', target, elapsedMs, isPartial: false });
    results.push(result);
    out(
      `${target}: ${(elapsedMs / 1_000).toFixed(0)} s of virtual time in ${seconds.toFixed(1)} s\n${resultTable(result)}\n`,
    );
    const { wastedGbS, wastedShare } = cluster.memory;
    rows.push({ policy, coldShare: cold / Math.max(1, answered), coldThirdQuartile, wastedGbS, wastedShare });
  }
  out(policyTable(rows));
  if (options.json !== undefined) {
    writeFileSync(
      options.json,
      `${JSON.stringify(results.length === 1 ? results[0] : { policies: rows, results }, undefined, 2)}\n`,
    );
  }
  return 0;
}

/** Cold starts against wasted memory, as a table and as bars. */
function policyTable(rows: readonly PolicyFigures[]): string {
  const most = (of: (row: PolicyFigures) => number): number => Math.max(1e-9, ...rows.map(of));
  const bar = (value: number, of: number): string => '#'.repeat(Math.round((20 * value) / of)).padEnd(20);
  const [coldMost, wastedMost] = [most(({ coldShare }) => coldShare), most(({ wastedGbS }) => wastedGbS)];
  const lines = rows.map(({ policy, coldShare, coldThirdQuartile, wastedGbS, wastedShare }) =>
    [
      policy.padEnd(18),
      `${(100 * coldShare).toFixed(2)} %`.padStart(9),
      bar(coldShare, coldMost),
      `${(100 * coldThirdQuartile).toFixed(1)} %`.padStart(12),
      wastedGbS.toFixed(1).padStart(12),
      bar(wastedGbS, wastedMost),
      `${(100 * wastedShare).toFixed(1)} %`.padStart(7),
    ].join('  '),
  );
  const head = [
    'policy'.padEnd(18),
    'cold'.padStart(9),
    ''.padEnd(20),
    '3rd quartile',
    'wasted GB s'.padStart(12),
    ''.padEnd(20),
    'of all'.padStart(7),
  ].join('  ');
  return `${[head, ...lines].join('\n')}\n`;
}
