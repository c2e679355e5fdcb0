// A result as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. Pure.
import { startPaths } from '../statistics/finished-request';
import type { DistributionResult } from '../statistics/distribution-record';
import type { WorkloadResult } from '../statistics/result';
import { htmlPage, htmlTable as table } from './html-page';
import { percent, short, time } from './numbers';
import { type Plot, plotsOf } from './plots';
import { mainCells, mainNames, otherRows, rowsOf } from './result-table';
import { escapeXml } from './svg-chart';

/** The whole page; `plots` if they are drawn already. */
export function htmlReport(result: WorkloadResult, plots: readonly Plot[] = plotsOf(result)): string {
  const { workload, source, target, startedAt, elapsedMs, remarks } = result;
  const rows = rowsOf(result);
  const title = `${workload.name} · Hearth workload`;
  const how = source === 'simulation' ? 'simulated' : 'measured';
  const facts = [
    `${how} on ${target}`,
    ...(startedAt === undefined ? [] : [startedAt]),
    `${time(elapsedMs)}${source === 'simulation' ? ' of virtual time' : ''}`,
    `seed ${workload.seed}`,
  ];
  const others = otherRows(rows);
  return htmlPage(
    title,
    `<h1>${escapeXml(workload.name)}</h1>
<p class="about">${escapeXml(workload.about)}</p>
<p>${facts.map(escapeXml).join(' · ')}</p>
${remarks.map((remark) => `<p class="remark">${escapeXml(remark)}</p>`).join('\n')}
<h2>Requests and latency</h2>
<p>Latency is that of answered requests, from when each was due to its answer.</p>
${table(mainNames, rows.map(mainCells))}
<div class="plots" style="margin-top:14px">${plots.map(({ svg }) => svg).join('\n')}</div>
<h2>Starts</h2>
<p>How the container that ran a request had started, with the latency of each; and the parts of the time: waiting for a container, its initialisation, the run.</p>
${startsTable(rows)}
<h2>Containers</h2>
${table(
  ['scenario', 'containers', 'at once', 'runs', 'reused', 'most runs of one'],
  rows.map(({ name, containers: found }) => [
    name,
    ...[found.seen, found.mostAtOnce, found.runs].map((count) => count.toLocaleString('en-US')),
    percent(found.reused, found.runs),
    found.runsPerContainerMost.toLocaleString('en-US'),
  ]),
)}
<h2>Errors</h2>
${others.length === 0 ? '<p>None.</p>' : table(['scenario', 'outcome', 'count', 'for example'], others)}
<h2>The driver</h2>
<p>How late requests left, against the schedule of the workload. What is late here is no delay of the platform.</p>
${table(
  ['scenario', 'p50 ms', 'p99 ms', 'max ms'],
  rows.map(({ name, lateness }) => [
    name,
    ...['50', '99'].map((at) => short(lateness.percentilesMs?.[at] ?? 0)),
    short(lateness.maxMs ?? 0),
  ]),
)}`,
  );
}

function startsTable(rows: ReturnType<typeof rowsOf>): string {
  const parts = ['wait', 'init', 'run'] as const;
  const columns = (names: readonly string[]): string[] => [
    'scenario',
    ...names.flatMap((name) => [name, 'p50 ms', 'p99 ms']),
  ];
  const figures = (found: DistributionResult | undefined): string[] => [
    (found?.count ?? 0).toLocaleString('en-US'),
    ...['50', '99'].map((at) => (found?.percentilesMs ? short(found.percentilesMs[at]!) : '-')),
  ];
  const starts = rows.map(({ name, starts: of }) => [name, ...startPaths.flatMap((path) => figures(of[path]))]);
  const times = rows.map((scenario) => [scenario.name, ...parts.flatMap((part) => figures(scenario[part]))]);
  return `${table(columns(startPaths), starts)}<p></p>${table(columns(parts), times)}`;
}
