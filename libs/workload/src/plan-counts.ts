// Plans a scenario from counts per minute: one action for each row that is taken. Pure.
import { countedTimes, until } from './arrival-times';
import { isCountsProblem, readInvocationCounts } from './invocation-counts';
import { mergeTimes } from './merge-times';
import { type Expanded, PlanFailure, type PlannedRequest, type Seeded } from './planned';
import { planActions } from './planned-actions';
import { streamOf } from './random-streams';
import { workSampler } from './work';
import type { Arrivals } from './workload-file';

export function planCounts(
  { scenario, position, seed }: Seeded,
  { csv, minuteMs, within, functions: most = Infinity }: NonNullable<Arrivals['counts']>,
  readFile: (name: string) => string,
): Expanded {
  let text: string;
  try {
    text = readFile(csv);
  } catch (error) {
    throw new PlanFailure(`scenario ${scenario.name}: ${csv} cannot be read (${(error as Error).message})`);
  }
  const read = readInvocationCounts(text);
  if (isCountsProblem(read)) throw new PlanFailure(`${csv}:${read.line}: ${read.sentence}`);
  const taken = [...read.functions.entries()]
    .sort(([leftAt, left], [rightAt, right]) => right.total - left.total || leftAt - rightAt)
    .slice(0, most);
  const remarks: string[] = [];
  if (read.holes > 0) {
    remarks.push(
      `${csv} has ${read.holes} holes (minutes without a count); each counts as 0 invocations, so the load is less than it was there.`,
    );
  }
  const open = (): Iterable<PlannedRequest> => counted();
  function* counted(): Generator<PlannedRequest> {
    const rows = taken.map(([row, { counts }], action) =>
      labelled(countedTimes(counts, minuteMs, within, streamOf(seed, scenario.name, 'row', row)), action),
    );
    const work = workSampler(scenario.work, streamOf(seed, scenario.name, 'open', 'work'));
    const random = streamOf(seed, scenario.name, 'open', 'kill');
    const killShare = scenario.kill?.share ?? 0;
    let index = 0;
    for (const { atMs, action } of mergeTimes(rows, (item) => item.atMs)) {
      if (atMs >= (scenario.durationMs ?? Infinity) || index >= (scenario.requests ?? Infinity)) return;
      yield { atMs, scenario: position, index, action, work: work(), kills: killShare > 0 && random() < killShare };
      index += 1;
    }
  }
  const all = taken.reduce((sum, [, { total }]) => sum + total, 0);
  const requests = scenario.durationMs === undefined ? Math.min(all, scenario.requests ?? Infinity) : scenario.requests;
  return { actions: planActions(scenario, taken.length, seed), open, requests, remarks };
}

export interface LabelledTime {
  readonly atMs: number;
  readonly action: number;
}

export function* labelled(times: Iterable<number>, action: number, endMs?: number): Generator<LabelledTime> {
  for (const atMs of until(times, endMs)) yield { atMs, action };
}
