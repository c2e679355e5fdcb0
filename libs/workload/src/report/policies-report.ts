// What policies cost side by side: cold starts against the memory that idle containers held, as a table, a plot and a page. Pure.
import { alignedTable } from '#terminal';
import { htmlPage, htmlTable } from './html-page';
import { short } from './numbers';
import type { Plot } from './plots';
import { escapeXml, lineChart, type Series } from './svg-chart';

export interface PolicyFigures {
  /** `fixed 10 min`, as it is called everywhere. */
  readonly name: string;
  /** Policies that differ in one number only are one line of the plot. */
  readonly family: string;
  /** Of all answered requests. */
  readonly coldShare: number;
  /** A quarter of the actions that were called more than once have a larger share. */
  readonly coldThirdQuartile: number;
  /** Gigabyte-seconds that containers held and did not work in, and that part of all they held. */
  readonly wastedGbS: number;
  readonly wastedShare: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const columns = ['policy', 'cold', 'third quartile', 'wasted GB s', 'of all', 'to the first'];

/** The last column compares the waste with that of the first policy. */
function cells(figures: PolicyFigures, first: PolicyFigures): string[] {
  const { name, coldShare, coldThirdQuartile, wastedGbS, wastedShare } = figures;
  const ratio = first.wastedGbS > 0 ? (wastedGbS / first.wastedGbS).toFixed(2) : '-';
  return [name, percent(coldShare), percent(coldThirdQuartile), short(wastedGbS), percent(wastedShare), ratio];
}

export const policyTable = (rows: readonly PolicyFigures[]): string =>
  alignedTable(
    columns,
    rows.map((row) => cells(row, rows[0]!)),
  );

export function policyPlots(rows: readonly PolicyFigures[]): Plot[] {
  const plot = (name: string, title: string, of: (row: PolicyFigures) => number): Plot => ({
    name,
    svg: lineChart({
      title,
      x: { label: 'gigabyte-hours of idle containers', min: 0 },
      y: { label: 'cold starts, %', min: 0 },
      series: families(rows).map(([family, members]): Series => ({
        name: family,
        isMarked: true,
        points: members.map((row) => [row.wastedGbS / 3_600, 100 * of(row)]),
      })),
    }),
  });
  return [
    plot('cold-starts-against-memory', 'Cold starts against wasted memory', ({ coldShare }) => coldShare),
    plot(
      'cold-starts-of-rare-actions',
      'The same of the action at the third quartile',
      ({ coldThirdQuartile }) => coldThirdQuartile,
    ),
  ];
}

/** In the order of their waste, so that a line goes one way. */
function families(rows: readonly PolicyFigures[]): [string, PolicyFigures[]][] {
  const names = [...new Set(rows.map(({ family }) => family))];
  return names.map((name) => [
    name,
    rows.filter(({ family }) => family === name).sort((left, right) => left.wastedGbS - right.wastedGbS),
  ]);
}

/** `about`: what was simulated, a text. */
export function policiesReport(title: string, about: string, rows: readonly PolicyFigures[]): string {
  const plots = policyPlots(rows);
  return htmlPage(
    `${title} · policies`,
    `<h1>${escapeXml(title)}: policies side by side</h1>
<p class="about">${escapeXml(about)}</p>
<p>Cold starts are those of all answered requests, and of the action at the third quartile of those that were called more than once; waste is the memory of containers while nothing ran in them.</p>
${htmlTable(
  columns,
  rows.map((row) => cells(row, rows[0]!)),
)}
<div class="plots" style="margin-top:14px">${plots.map(({ svg }) => svg).join('\n')}</div>`,
  );
}
