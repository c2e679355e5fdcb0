// Reads the words after `hearth simulate`: what is simulated, and where it goes. Throws `Misunderstood`, or what `parseArgs` throws, with one sentence.
import { parseArgs } from 'node:util';
import { type PlotFormat, readPlotFormats } from '#workload-command';
import { placements, type PolicyNames } from '../../apps/scheduler/src/core/policies';
import { usualCluster } from './workload-cluster';

/** What `--policy` names: for how long idle containers are kept, and which give way when memory is short. */
export const policies = {
  fixed: { keepAlive: 'fixed', reclaim: 'lru' },
  lru: { keepAlive: 'while-room', reclaim: 'lru' },
  'greedy-dual': { keepAlive: 'while-room', reclaim: 'greedy-dual' },
  'hybrid-histogram': { keepAlive: 'hybrid-histogram', reclaim: 'lru' },
} as const satisfies Record<string, Partial<PolicyNames>>;
export type PolicyName = keyof typeof policies;

/** One run: a policy and, with `fixed`, for how long it keeps (also what the hybrid falls back to). */
export interface PolicyRun {
  readonly policy: PolicyName;
  readonly keepMinutes: number;
  readonly name: string;
}

export interface SimulateLine {
  readonly file: string;
  readonly runs: readonly PolicyRun[];
  readonly placement: keyof typeof placements;
  readonly nodes: number;
  readonly nodeMemoryMb: number;
  readonly controllers: number;
  readonly stemCellCount: number;
  readonly seed: number | undefined;
  readonly bench: { readonly file: string; readonly driver: string } | undefined;
  readonly out: string | undefined;
  readonly plots: readonly PlotFormat[];
  readonly json: string | undefined;
  /** Only counts, on the arrivals, what these fixed times and the published hybrid would cost. */
  readonly counts: readonly number[] | undefined;
}

export class Misunderstood extends Error {}

export function readSimulateLine(words: readonly string[]): SimulateLine {
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
      out: { type: 'string' },
      plots: { type: 'string' },
      json: { type: 'string' },
      count: { type: 'boolean', default: false },
    },
  });
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0)
    throw new Misunderstood('name one workload file; see hearth simulate --help.');
  const plots = readPlotFormats(values.plots);
  if (typeof plots === 'string') throw new Misunderstood(plots);
  const keeps = values['keep-minutes'].split(',').map((text) => number('keep-minutes', text, 0.001));
  const names = values.policy.split(',').map((name): PolicyName => oneOf('policy', name, policies));
  const bench = values['agent-bench'];
  return {
    file,
    runs: names.flatMap((policy) => runsOf(policy, keeps)),
    placement: oneOf('placement', values.placement, placements),
    nodes: number('nodes', values.nodes, 1),
    nodeMemoryMb: number('node-memory-mb', values['node-memory-mb'], 128),
    controllers: number('controllers', values.controllers, 1),
    stemCellCount: number('stem-cells', values['stem-cells'], 0),
    seed: values.seed === undefined ? undefined : number('seed', values.seed, 0),
    bench: bench === undefined ? undefined : { file: bench, driver: values.driver },
    out: values.out,
    plots,
    json: values.json,
    counts: values.count ? keeps : undefined,
  };
}

/** Only `fixed` differs by how long it keeps. */
function runsOf(policy: PolicyName, keeps: readonly number[]): PolicyRun[] {
  if (policy === 'fixed')
    return keeps.map((keepMinutes) => ({ policy, keepMinutes, name: `fixed ${keepMinutes} min` }));
  return [{ policy, keepMinutes: keeps[0]!, name: policy }];
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && text !== '') return value;
  throw new Misunderstood(`--${name} is "${text}"; give a number of at least ${least}.`);
}

function oneOf<K extends string>(name: string, text: string, known: Readonly<Record<K, unknown>>): K {
  if (Object.hasOwn(known, text)) return text as K;
  throw new Misunderstood(`there is no ${name} "${text}"; choose of ${Object.keys(known).join(', ')}.`);
}
