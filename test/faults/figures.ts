// What a fault cost, in figures: of one run under load, and as a table of all.
import { longestGapMs, slowestMs } from '../support/open-loop';
import { failures, type Report } from './loaded-cluster';

export interface Figures {
  readonly fault: string;
  /** The longest time between two successful answers in a row. */
  readonly gapWarmMs: number;
  readonly gapColdMs: number;
  /** The longest that a successful call took, from when it was due. */
  readonly slowestWarmMs: number;
  readonly slowestColdMs: number;
  readonly calls: number;
  readonly failed: number;
  readonly records: number;
}

export function figuresOf(fault: string, report: Report): Figures {
  const { warm, long, cold, queued, recordCount } = report;
  return {
    fault,
    gapWarmMs: Math.round(longestGapMs(warm)),
    slowestWarmMs: Math.round(slowestMs(warm)),
    gapColdMs: Math.round(longestGapMs(cold)),
    slowestColdMs: Math.round(slowestMs(cold)),
    calls: warm.length + long.length + cold.length + queued.length,
    failed: failures(report).length,
    records: recordCount,
  };
}

const columns: readonly [string, (figures: Figures) => string | number][] = [
  ['fault', ({ fault }) => fault],
  ['gap warm', ({ gapWarmMs }) => gapWarmMs],
  ['slowest warm', ({ slowestWarmMs }) => slowestWarmMs],
  ['gap cold', ({ gapColdMs }) => gapColdMs],
  ['slowest cold', ({ slowestColdMs }) => slowestColdMs],
  ['calls', ({ calls }) => calls],
  ['failed', ({ failed }) => failed],
  ['records', ({ records }) => records],
];

const thousands = (cell: string | number): string => (typeof cell === 'string' ? cell : cell.toLocaleString('en-GB'));

/** In Markdown, times in ms. */
export function tableOf(rows: readonly Figures[]): string {
  const cells = [
    columns.map(([name]) => name),
    ...rows.map((row) => columns.map(([, cellOf]) => thousands(cellOf(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}
