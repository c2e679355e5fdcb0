// From measurements to figures: medians over rounds, ratios, targets. Pure.

/** @param {number[]} values */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function target(name, value, relation, bound, unit) {
  const isMet = relation === '>=' ? value >= bound : value <= bound; // NaN meets nothing
  return { name, value: Number.isNaN(value) ? null : value, goal: `${relation} ${bound}${unit}`.trim(), unit, isMet };
}

export function targetLine({ name, value, goal, unit, isMet }) {
  const text = value === null ? 'not measured' : `${Number.isInteger(value) ? value : value.toFixed(2)}${unit}`;
  return `target ${name}: ${text} (${goal}) ${isMet ? 'ok' : 'MISSED'}`;
}

/** Rows of any columns: `what`, then figures by name. */
export function rowTable(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => figure(row[column], column)));
  const widths = columns.map((title, at) => Math.max(title.length, ...cells.map((line) => line[at].length)));
  const write = (line) =>
    line.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[at]))).join('  ');
  return [write(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(write)].join('\n');
}

/** As many digits as it needs; times to a microsecond where they are below one millisecond. */
export function figure(value, column = '') {
  if (value === undefined || value === null || Number.isNaN(value)) return '-';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(/ ms$/.test(column) && Math.abs(value) < 1 ? 3 : 2);
}
