// Tables for a terminal: a line of names, then one line for each row, in columns as wide as what is in them. Pure.

/** Columns of numbers are those whose every cell is one; they are aligned on the right. */
const isNumber = (text: string): boolean => /^[\d.,]+!?( (ms|s|min|h|MB|%))?$/.test(text) || text === '-';

export function alignedTable(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = names.map((name, at) => Math.max(name.length, ...rows.map((row) => row[at]!.length)));
  const areNumbers = names.map((_, at) => rows.length > 0 && rows.every((row) => isNumber(row[at]!)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (areNumbers[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd();
  return [line(names), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

/** `4 s`, `12 min`: as exact as an operator needs it. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
