// The statistics of a run: one for each scenario, and from them those of groups and of the whole. Pure.
import type { Plan } from '../planned';
import type { FinishedRequest } from './finished-request';
import { resultVersion, type WorkloadResult } from './result';
import { ScenarioStatistics } from './scenario-statistics';
import { remarksOn } from './remarks';

/** What only the one who ran it knows. */
export interface RunFacts {
  readonly source: WorkloadResult['source'];
  readonly target: string;
  readonly startedAt?: string;
  readonly elapsedMs: number;
  readonly isPartial: boolean;
  readonly remarks?: readonly string[];
}

export class WorkloadStatistics {
  /** In the order of the plan. */
  readonly scenarios: readonly ScenarioStatistics[];

  constructor(private readonly plan: Plan) {
    this.scenarios = plan.scenarios.map(({ scenario }) => new ScenarioStatistics(scenario.name));
  }

  /** `scenario`: its position in the plan. */
  record(scenario: number, request: FinishedRequest): void {
    this.scenarios[scenario]!.record(request);
  }

  /** Adds what another driver of the same plan has counted. */
  merge(other: WorkloadStatistics): void {
    for (const [at, scenario] of this.scenarios.entries()) scenario.merge(other.scenarios[at]!);
  }

  toResult(facts: RunFacts): WorkloadResult {
    const { workload, seed, scenarios } = this.plan;
    const groups = new Map<string, ScenarioStatistics>();
    const whole = new ScenarioStatistics('all');
    for (const [at, { scenario }] of scenarios.entries()) {
      whole.merge(this.scenarios[at]!);
      if (scenario.group === undefined) continue;
      if (!groups.has(scenario.group)) groups.set(scenario.group, new ScenarioStatistics(scenario.group));
      groups.get(scenario.group)!.merge(this.scenarios[at]!);
    }
    const result: WorkloadResult = {
      format: 'hearth-workload-result',
      version: resultVersion,
      workload: { name: workload.name, about: workload.about, seed },
      ...facts,
      remarks: [...scenarios.flatMap(({ remarks }) => remarks), ...(facts.remarks ?? [])],
      scenarios: scenarios.map(({ scenario }, at) => this.scenarios[at]!.toResult(scenario.group)),
      groups: [...groups.values()].map((group) => group.toResult()),
      whole: whole.toResult(),
    };
    return { ...result, remarks: [...result.remarks, ...remarksOn(result)] };
  }
}
