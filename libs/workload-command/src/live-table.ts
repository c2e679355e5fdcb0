// What a terminal shows while a workload runs: a bar and a line for each scenario. Pure: text from a snapshot.
import { alignedTable, progressBar } from '#terminal';
import { short, time, type WorkloadStatistics } from '#workload';

/** More scenarios than fit a screen are left out; the result has all. */
const scenariosMost = 20;

export interface Snapshot {
  readonly phase: string;
  readonly share: number;
  readonly elapsedMs: number;
  readonly statistics: WorkloadStatistics;
}

/** Lines, each ended. `columns`: the width of the terminal. */
export function liveTable({ phase, share, elapsedMs, statistics }: Snapshot, columns: number): string {
  const bar = `${progressBar(share, 40)} ${phase}, ${time(elapsedMs)}`;
  const shown = statistics.scenarios.slice(0, scenariosMost);
  const rows = shown.map((scenario) => [
    scenario.name,
    String(scenario.requests),
    String(scenario.ok),
    String(scenario.errors),
    short((scenario.ok * 1_000) / Math.max(1, elapsedMs)),
    short(scenario.latency.percentileMs(50)),
    short(scenario.latency.percentileMs(99)),
    short(scenario.lateness.percentileMs(99)),
  ]);
  const table = alignedTable(['scenario', 'requests', 'ok', 'errors', 'ok/s', 'p50 ms', 'p99 ms', 'late p99 ms'], rows);
  const rest = statistics.scenarios.length - shown.length;
  return `${bar}\n${table}${rest > 0 ? `and ${rest} more\n` : ''}`.replace(/^.*$/gm, (line) =>
    line.slice(0, columns - 1),
  );
}
