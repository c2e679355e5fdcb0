// The actions of a scenario: names, limits. Pure.
import { constantOf, type Distribution, sampler } from './distributions';
import { streamOf } from './random-streams';
import type { Scenario } from './workload-file';

export interface PlannedAction {
  /** Without what a driver puts before it to tell its own from others'. */
  readonly name: string;
  readonly kind: string;
  /** Memory limit, an integer. */
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** What OpenWhisk lets an action have. */
const memoryOf = (mb: number): number => Math.min(512, Math.max(128, Math.ceil(mb)));

/** Stem cells have the platform's default memory: an action with other memory cannot start in one. */
const stemCellMb = 256;
const coldMb = 192;

export function planActions(scenario: Scenario, count: number, seed: number): PlannedAction[] {
  const { memoryMb = scenario.start === 'cold' ? coldMb : stemCellMb } = scenario.actions ?? {};
  const draw = sampler(memoryMb, streamOf(seed, scenario.name, 'memory'));
  return Array.from({ length: count }, (_, at) => plannedAction(scenario, at, draw()));
}

export function plannedAction({ name, actions }: Scenario, at: number, memoryMb: number): PlannedAction {
  const { kind = 'nodejs:20', timeoutMs = 60_000, concurrency = 1 } = actions ?? {};
  return { name: `${name}-${at}`, kind, memoryMb: memoryOf(memoryMb), timeoutMs, concurrency };
}

/** Whether every action of the scenario has the memory of a stem cell, as prewarmed starts need it. */
export const fitsStemCells = (memoryMb: Distribution | undefined): boolean =>
  memoryMb === undefined || constantOf(memoryMb) === stemCellMb;
