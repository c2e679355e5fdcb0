// A result as tables for a terminal. Pure.
import { alignedTable } from '#terminal';
import { isBehind } from '../statistics/remarks';
import { outcomes, type Outcome, startPaths } from '../statistics/finished-request';
import type { ScenarioResult, WorkloadResult } from '../statistics/result';
import { percent, short } from './numbers';

const latencyColumns = ['50', '90', '99', '99.9', '99.99'] as const;

const okOf = ({ outcomes: found }: ScenarioResult): number => found.ok ?? 0;
export const errorsOf = ({ requests, outcomes: found }: ScenarioResult): number =>
  requests - (found.ok ?? 0) - (found.killed ?? 0);
export const perSecond = (scenario: ScenarioResult): number =>
  scenario.endMs > scenario.startMs ? (okOf(scenario) * 1_000) / (scenario.endMs - scenario.startMs) : 0;

/** Every scenario, then groups, then the whole. */
export function rowsOf({ scenarios, groups, whole }: WorkloadResult): ScenarioResult[] {
  return scenarios.length === 1 ? [...scenarios] : [...scenarios, ...groups, whole];
}

/** Names of the columns of the first table. */
export const mainNames = [
  'scenario',
  'requests',
  'ok',
  'errors',
  'ok/s',
  ...latencyColumns.map((column) => `p${column} ms`),
  'max ms',
];

export function mainCells(scenario: ScenarioResult): string[] {
  const { percentilesMs = {}, count, maxMs = 0 } = scenario.latency;
  const mark = isBehind(scenario) ? '!' : '';
  // Of fewer requests a percentile says no more than the maximum.
  const isKnown = (column: string): boolean => count * (100 - Number(column)) >= 99.999;
  const times = [...latencyColumns.map((column) => (isKnown(column) ? percentilesMs[column] : undefined)), maxMs];
  return [
    scenario.name,
    scenario.requests.toLocaleString('en-US'),
    okOf(scenario).toLocaleString('en-US'),
    errorsOf(scenario).toLocaleString('en-US'),
    short(perSecond(scenario)),
    ...times.map((ms) => (count === 0 || ms === undefined ? '-' : `${short(ms)}${mark}`)),
  ];
}

function startRow(scenario: ScenarioResult): string[] {
  const { starts, containers, wait, init, run } = scenario;
  const median = ({ percentilesMs }: ScenarioResult['wait']): string =>
    percentilesMs ? short(percentilesMs['50']!) : '-';
  return [
    scenario.name,
    ...startPaths.flatMap((path) => {
      const found = starts[path];
      return [String(found?.count ?? 0), found ? median(found) : '-'];
    }),
    median(wait),
    median(init),
    median(run),
    String(containers.seen),
    String(containers.mostAtOnce),
    percent(containers.reused, containers.runs),
  ];
}

/** What is not as it should be: scenario, outcome, count, an example. */
export function otherRows(rows: readonly ScenarioResult[]): string[][] {
  return rows.flatMap(({ name, outcomes: found, doubled, details }) => [
    ...Object.entries(found).flatMap(([outcome, count]) =>
      outcome === 'ok'
        ? []
        : [[name, outcome, String(count), details[outcome]?.[0] ?? outcomes[outcome as Outcome] ?? '']],
    ),
    ...(doubled > 0 ? [[name, 'doubled', String(doubled), 'answers to what was answered already']] : []),
  ]);
}

/** Tables and remarks, each line ended. */
export function resultTable(result: WorkloadResult): string {
  const rows = rowsOf(result);
  const main = alignedTable(mainNames, rows.map(mainCells));
  const names = startPaths.flatMap((path) => [path, 'p50 ms']);
  const starts = alignedTable(
    ['scenario', ...names, 'wait p50', 'init p50', 'run p50', 'containers', 'at once', 'reused'],
    rows.map(startRow),
  );
  const others = otherRows(rows);
  const errors =
    others.length === 0 ? '' : `\n${alignedTable(['scenario', 'outcome', 'count', 'for example'], others)}`;
  const behind = rows.some(isBehind) ? '(! the driver was behind its schedule)\n' : '';
  const remarks = result.remarks.map((remark) => `\n${remark}\n`).join('');
  return `${main}${behind}\n${starts}${errors}${remarks}`;
}
