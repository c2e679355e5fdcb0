// Two results side by side: for each scenario that both have, the figures and how the second differs from the first. Pure.
//
// It says where a difference cannot be taken at its word: other seed, other workload, a driver that was behind, a partial run.
import { alignedTable } from '#terminal';
import { startPaths } from '../statistics/finished-request';
import { isBehind } from '../statistics/remarks';
import type { ScenarioResult, WorkloadResult } from '../statistics/result';
import { errorsOf, perSecond, rowsOf } from './result-table';
import { short } from './numbers';

interface Figure {
  readonly name: string;
  readonly of: (scenario: ScenarioResult) => number | undefined;
}

const latency = (percent: string): Figure => ({
  name: `p${percent} ms`,
  of: ({ latency: { percentilesMs } }) => percentilesMs?.[percent],
});
const figures: readonly Figure[] = [
  { name: 'requests', of: ({ requests }) => requests },
  { name: 'errors', of: errorsOf },
  { name: 'ok/s', of: perSecond },
  ...['50', '90', '99', '99.9', '99.99'].map(latency),
  ...startPaths.map((path) => ({ name: path, of: ({ starts }: ScenarioResult) => starts[path]?.count })),
  { name: 'containers', of: ({ containers }) => containers.seen },
];

export interface Comparison {
  readonly scenario: string;
  readonly figure: string;
  readonly first: number;
  readonly second: number;
  /** Second / first - 1; undefined if the first is 0. */
  readonly change: number | undefined;
}

export function compareResults(first: WorkloadResult, second: WorkloadResult): Comparison[] {
  const others = new Map(rowsOf(second).map((scenario) => [scenario.name, scenario]));
  return rowsOf(first).flatMap((scenario) => {
    const other = others.get(scenario.name);
    if (!other) return [];
    return figures.flatMap(({ name, of }) => {
      const [left, right] = [of(scenario), of(other)];
      if (left === undefined || right === undefined || (left === 0 && right === 0)) return [];
      const change = left === 0 ? undefined : right / left - 1;
      return [{ scenario: scenario.name, figure: name, first: left, second: right, change }];
    });
  });
}

const changeText = (change: number | undefined): string =>
  change === undefined ? 'new' : `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)} %`;

/** As a table, with what to beware of; `names` are what the two are called. */
export function comparisonText(
  first: WorkloadResult,
  second: WorkloadResult,
  names: readonly [string, string],
): string {
  const rows = compareResults(first, second).map(({ scenario, figure, first: left, second: right, change }) => [
    scenario,
    figure,
    short(left),
    short(right),
    changeText(change),
  ]);
  const body =
    rows.length === 0
      ? 'The two have no scenario in common.\n'
      : alignedTable(['scenario', 'figure', ...names, 'change'], rows);
  return `${body}${beware(first, second, names)
    .map((sentence) => `\n${sentence}\n`)
    .join('')}`;
}

function beware(first: WorkloadResult, second: WorkloadResult, names: readonly [string, string]): string[] {
  const found: string[] = [];
  if (first.workload.name !== second.workload.name) {
    found.push(`They are of different workloads (${first.workload.name}, ${second.workload.name}).`);
  } else if (first.workload.seed !== second.workload.seed) {
    found.push(
      `They have different seeds (${first.workload.seed}, ${second.workload.seed}), so their requests differ.`,
    );
  }
  if (first.source !== second.source) found.push('One was measured, the other simulated.');
  for (const [at, result] of [first, second].entries()) {
    if (result.isPartial) found.push(`${names[at]} was stopped before its end.`);
    if (rowsOf(result).some(isBehind))
      found.push(`In ${names[at]} the driver was behind its schedule: its latencies are also the driver's.`);
  }
  return found;
}
