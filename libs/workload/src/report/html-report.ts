// A result as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. Pure.
import { startPaths } from '../statistics/finished-request';
import type { DistributionResult } from '../statistics/distribution-record';
import type { WorkloadResult } from '../statistics/result';
import { percent, short, time } from './numbers';
import { type Plot, plotsOf } from './plots';
import { mainCells, mainNames, otherRows, rowsOf } from './result-table';
import { escapeXml } from './svg-chart';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1180px; margin: 2em auto; padding: 0 1em; }
h1 { margin-bottom: 0; } h2 { margin-top: 2em; } .about { color: #555; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; } td.text { white-space: normal; }
.remark { background: #fff4d6; border-left: 4px solid #e69f00; padding: .5em 1em; margin: .5em 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(520px, 1fr)); gap: 14px; }
.plots svg { width: 100%; height: auto; border: 1px solid #ddd; }
`;

const row = (tag: 'th' | 'td', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
const table = (names: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead>${row('th', names)}</thead><tbody>${rows.map((cells) => row('td', cells)).join('')}</tbody></table>`;

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
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeXml(title)}</title><style>${style}</style></head><body>
<h1>${escapeXml(workload.name)}</h1>
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
)}
</body></html>
`;
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
