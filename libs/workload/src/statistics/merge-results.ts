// Several results of one workload as one: of drivers that shared the load, or of runs that were repeated. Pure.
//
// Guarantees: distributions are merged as their histograms, so every percentile is that of all requests together; counts are added up. Containers are taken for
// different ones, as those of drivers are that have actions of their own; what cannot be known from results is a bound, and a remark says which.
import { DistributionRecord, type DistributionResult } from './distribution-record';
import { remarksOn } from './remarks';
import type { ScenarioResult, WorkloadResult } from './result';
import { mergeTimelines } from './timeline-results';

const detailsMost = 3;

/** Throws one sentence where they are of different workloads. `names`: what each is called, for that sentence. */
export function mergeResults(results: readonly WorkloadResult[], names: readonly string[]): WorkloadResult {
  const [first, ...others] = results;
  if (!first) throw new Error('there is nothing to merge.');
  for (const [at, { workload, source }] of others.entries()) {
    const other = names[at + 1]!;
    if (workload.name !== first.workload.name) {
      throw new Error(`${names[0]} is of the workload ${first.workload.name}, ${other} of ${workload.name}.`);
    }
    if (source !== first.source) throw new Error(`${names[0]} and ${other} are not both measured or both simulated.`);
  }
  const remarks = [...new Set(results.flatMap((result) => ownRemarks(result)))];
  remarks.push(
    `Merged of ${results.length} results (${names.join(', ')}). Each is counted from its own start; the most containers at once are the sum of theirs, which were perhaps not at the same moment.`,
  );
  const seeds = [...new Set(results.map(({ workload }) => workload.seed))];
  if (seeds.length > 1) remarks.push(`Seeds: ${seeds.join(', ')}.`);
  const starts = results.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt])).sort();
  const merged: WorkloadResult = {
    ...first,
    target: [...new Set(results.map(({ target }) => target))].join(' and '),
    ...(starts[0] !== undefined && { startedAt: starts[0] }),
    elapsedMs: Math.max(...results.map(({ elapsedMs }) => elapsedMs)),
    isPartial: results.some(({ isPartial }) => isPartial),
    remarks,
    scenarios: byName(results.flatMap(({ scenarios }) => scenarios)),
    groups: byName(results.flatMap(({ groups }) => groups)),
    whole: mergeScenarios(results.map(({ whole }) => whole)),
  };
  return { ...merged, remarks: [...remarks, ...remarksOn(merged)] };
}

/** Without those that follow from the figures, which have changed. */
function ownRemarks(result: WorkloadResult): string[] {
  const derived = new Set(remarksOn(result));
  return result.remarks.filter((remark) => !derived.has(remark));
}

function byName(scenarios: readonly ScenarioResult[]): ScenarioResult[] {
  const names = [...new Set(scenarios.map(({ name }) => name))];
  return names.map((wanted) => mergeScenarios(scenarios.filter(({ name }) => name === wanted)));
}

function mergeScenarios(all: readonly ScenarioResult[]): ScenarioResult {
  const sum = (of: (scenario: ScenarioResult) => number): number =>
    all.reduce((total, scenario) => total + of(scenario), 0);
  const most = (of: (scenario: ScenarioResult) => number): number => Math.max(...all.map(of));
  const distribution = (of: (scenario: ScenarioResult) => DistributionResult | undefined): DistributionResult => {
    const record = new DistributionRecord();
    for (const scenario of all) {
      const found = of(scenario);
      if (found) record.merge(DistributionRecord.fromJson(found));
    }
    return record.toJson();
  };
  const keys = (of: (scenario: ScenarioResult) => object): string[] => [
    ...new Set(all.flatMap((scenario) => Object.keys(of(scenario)))),
  ];
  const sent = all.filter(({ requests }) => requests > 0);
  return {
    ...all[0]!,
    requests: sum(({ requests }) => requests),
    startMs: sent.length === 0 ? 0 : Math.min(...sent.map(({ startMs }) => startMs)),
    endMs: most(({ endMs }) => endMs),
    outcomes: Object.fromEntries(
      keys(({ outcomes }) => outcomes).map((key) => [key, sum((one) => one.outcomes[key] ?? 0)]),
    ),
    details: Object.fromEntries(
      keys(({ details }) => details).map((key) => [
        key,
        [...new Set(all.flatMap(({ details }) => details[key] ?? []))].slice(0, detailsMost),
      ]),
    ),
    doubled: sum(({ doubled }) => doubled),
    latency: distribution(({ latency }) => latency),
    starts: Object.fromEntries(
      keys(({ starts }) => starts).map((path) => [path, distribution(({ starts }) => starts[path])]),
    ),
    wait: distribution(({ wait }) => wait),
    init: distribution(({ init }) => init),
    run: distribution(({ run }) => run),
    lateness: distribution(({ lateness }) => lateness),
    containers: {
      seen: sum(({ containers }) => containers.seen),
      runs: sum(({ containers }) => containers.runs),
      reused: sum(({ containers }) => containers.reused),
      mostAtOnce: sum(({ containers }) => containers.mostAtOnce),
      runsPerContainerMost: most(({ containers }) => containers.runsPerContainerMost),
    },
    timeline: mergeTimelines(all.map(({ timeline }) => timeline)),
  };
}
