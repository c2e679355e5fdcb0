// The command `hearth workload`: runs workloads, lists those that come with Hearth, compares results.
export { runWorkload } from './workload-command';
export { writeResult } from './write-result';
export { findWorkload, planOf } from './find-workload';
export type { CommandContext } from './run-command';
