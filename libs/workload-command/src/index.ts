// The command `hearth workload`: runs workloads, lists those that come with Hearth, compares results.
export { runWorkload } from './workload-command';
export { writeFiles, writeResult } from './write-result';
export { readPlotFormats, type PlotFormat } from './command-line';
export { findWorkload, planOf } from './find-workload';
export type { CommandContext } from './run-command';
