// From measurements to figures: medians over rounds, ratios, targets. Pure.

/** @param {number[]} values */
export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line per contender and number of connections; errors are added up, everything else is the median of its rounds. */
export function summarise(measurements) {
  const groups = new Map();
  for (const each of measurements) {
    const key = `${each.contender}@${each.connections}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()].map((rounds) => ({
    contender: rounds[0].contender,
    name: rounds[0].name,
    connections: rounds[0].connections,
    perSecond: median(rounds.map((round) => round.perSecond)),
    p50Ms: median(rounds.map((round) => round.p50Ms)),
    p99Ms: median(rounds.map((round) => round.p99Ms)),
    containers: Math.max(...rounds.map((round) => round.containers)),
    requests: rounds.reduce((sum, round) => sum + round.requests, 0),
    errors: rounds.reduce((sum, round) => sum + round.errors, 0),
    firstError: rounds.find((round) => round.firstError)?.firstError,
    perSecondOfRounds: rounds.map((round) => Math.round(round.perSecond)),
  }));
}

/**
 * A ratio is taken within each round, where both saw the same machine, and then the median of the rounds.
 * @returns {number} NaN when one of them was not measured
 */
export function ratio(measurements, connections, above, below, figure = 'perSecond', combine = (a, b) => a / b) {
  const of = (contender) =>
    measurements.filter((each) => each.contender === contender && each.connections === connections);
  const [tops, bottoms] = [of(above), of(below)];
  return median(tops.map((top, round) => combine(top[figure], bottoms[round]?.[figure] ?? NaN)));
}

export function targetsOf(measurements) {
  const errors = measurements.filter((each) => each.contender === 'hearth').reduce((sum, each) => sum + each.errors, 0);
  const added = ratio(measurements, 1, 'hearth', 'runtime', 'p50Ms', (a, b) => a - b);
  const hasHearth = measurements.some((each) => each.contender === 'hearth');
  return [
    target('hearth-throughput-of-nginx-at-16', ratio(measurements, 16, 'hearth', 'nginx-runtime'), '>=', 0.35, ''),
    target('hearth-p50-added-at-1', added, '<=', 1, ' ms'),
    target('hearth-errors', hasHearth ? errors : NaN, '<=', 0, ''),
    target('runtime-throughput-of-bare-node-at-16', ratio(measurements, 16, 'runtime', 'node'), '>=', 0.6, ''),
  ];
}

export function target(name, value, relation, bound, unit) {
  const isMet = relation === '>=' ? value >= bound : value <= bound; // NaN meets nothing
  return { name, value: Number.isNaN(value) ? null : value, goal: `${relation} ${bound}${unit}`, unit, isMet };
}

export function targetLine({ name, value, goal, unit, isMet }) {
  const text = value === null ? 'not measured' : `${Number.isInteger(value) ? value : value.toFixed(2)}${unit}`;
  return `target ${name}: ${text} (${goal}) ${isMet ? 'ok' : 'MISSED'}`;
}

export function table(summary) {
  const head = ['contender', 'connections', 'requests/s', 'p50 ms', 'p99 ms', 'containers', 'errors'];
  const rows = summary.map((line) => [
    line.name,
    String(line.connections),
    Math.round(line.perSecond).toLocaleString('en-US'),
    line.p50Ms.toFixed(3),
    line.p99Ms.toFixed(2),
    line.containers === 0 ? '-' : String(line.containers),
    String(line.errors),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const write = (cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ');
  return [write(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(write)].join('\n');
}
