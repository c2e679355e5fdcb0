// Workloads: the file, what it expands to, what is measured of it, and how that is shown. Pure: runs against a platform (#workload-driver) and in simulation alike.
export { workloadJsonSchema, type Scenario, type Workload } from './workload-file';
export { fieldText, problemLine, readWorkload, type FileProblem, type ReadWorkload } from './read-workload';
export { mergedRequests, planWorkload, type PlanOptions } from './plan';
export { PlanFailure, type ClosedRequest, type Plan, type PlannedRequest, type PlannedScenario } from './planned';
export type { PlannedAction } from './planned-actions';
export { workMs, type PlainWork, type Work, type WorkStep } from './work';
export { drawInTheWild, type WildFunction } from './in-the-wild';
export {
  outcomes,
  startPaths,
  type FinishedRequest,
  type Outcome,
  type StartPath,
} from './statistics/finished-request';
export { DistributionRecord, percentiles, type DistributionResult } from './statistics/distribution-record';
export { ScenarioStatistics } from './statistics/scenario-statistics';
export { WorkloadStatistics, type RunFacts } from './statistics/workload-statistics';
export { mergeResults } from './statistics/merge-results';
export { readResult, resultVersion, type ScenarioResult, type WorkloadResult } from './statistics/result';
export { isBehind } from './statistics/remarks';
export { resultTable } from './report/result-table';
export { percent, short, time } from './report/numbers';
export { compareResults, comparisonText, type Comparison } from './report/compare-results';
export { htmlReport } from './report/html-report';
export { policiesReport, policyPlots, policyTable, type PolicyFigures } from './report/policies-report';
export { plotsOf, type Plot } from './report/plots';
export * from './report/svg-chart';
