// Workloads: the file, what it expands to, what is measured of it, and how that is shown. Pure: runs against a platform (#workload-driver) and in simulation alike.
export { workloadJsonSchema, type Scenario, type Workload } from './workload-file';
export { fieldText, problemLine, readWorkload, type FileProblem, type ReadWorkload } from './read-workload';
export { mergedRequests, planWorkload, type PlanOptions } from './plan';
export { PlanFailure, type ClosedRequest, type Plan, type PlannedRequest, type PlannedScenario } from './planned';
export type { PlannedAction } from './planned-actions';
export { workMs, type PlainWork, type Work, type WorkStep } from './work';
export { drawInTheWild, type WildFunction } from './in-the-wild';
