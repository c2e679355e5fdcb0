// Two results of the bench side by side: every figure of rows that both have, and how the second differs. Pure.
import { figure, rowTable } from './figures.mjs';

/** A table; differences below this share are left out, since two runs of one thing differ by as much. */
const shownFrom = 0.03;

export function comparison(before, after) {
  const targets = after.targets.flatMap((now) => {
    const then = before.targets.find(({ name }) => name === now.name);
    return then === undefined ? [] : [difference(`target ${now.name}`, '', then.value, now.value)];
  });
  const rows = Object.entries(after.scenarios).flatMap(([name, { rows: found }]) =>
    found.flatMap((row) => {
      const then = before.scenarios[name]?.rows.find(({ what }) => what === row.what);
      if (then === undefined) return [];
      return Object.keys(row).flatMap((column) =>
        typeof row[column] === 'number' && typeof then[column] === 'number'
          ? [difference(`${name}: ${row.what}`, column, then[column], row[column])]
          : [],
      );
    }),
  );
  const differing = rows.filter(({ isLarge }) => isLarge);
  const shown = [...targets, ...differing].map(({ what, cells }) => ({ what, ...cells }));
  if (shown.length === 0) return 'nothing differs that both have measured';
  const others = rows.length - differing.length;
  const { machine } = before;
  const beware =
    JSON.stringify(machine) === JSON.stringify(after.machine)
      ? ''
      : `\nthe first is of another machine: ${JSON.stringify(machine)}`;
  return `${rowTable(shown)}\n${others} other figures differ by less than ${100 * shownFrom} %${beware}`;
}

function difference(what, column, then, now) {
  const change = typeof then === 'number' && typeof now === 'number' && then !== 0 ? now / then - 1 : undefined;
  const cells = {
    figure: column,
    before: figure(then, column),
    now: figure(now, column),
    change: change === undefined ? '-' : `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)} %`,
  };
  return { what, cells, isLarge: change === undefined ? then !== now : Math.abs(change) >= shownFrom };
}
