// What a plan is: the requests of each scenario, before anything has run. Pure.
import type { PlannedAction } from './planned-actions';
import type { Work } from './work';
import type { Scenario, Workload } from './workload-file';

export interface PlannedRequest {
  /** Intended start, milliseconds from the start of the scenario. */
  readonly atMs: number;
  /** Position of the scenario in the plan. */
  readonly scenario: number;
  /** From 0 within the scenario (closed: within the user). */
  readonly index: number;
  /** Position among the scenario's actions. */
  readonly action: number;
  readonly work: Work;
  /** It ends its own container half-way through its work. */
  readonly kills: boolean;
}

/** Requests of a closed user: `atMs` is how long the user thinks before it, counted from the answer before. */
export type ClosedRequest = PlannedRequest;

export interface PlannedScenario {
  readonly scenario: Scenario;
  /** The scenario that has to end before, by position. */
  readonly after: number | undefined;
  readonly actions: readonly PlannedAction[];
  /** Present with open arrivals; each call begins anew. */
  readonly open?: () => Iterable<PlannedRequest>;
  /** Present with closed arrivals. A user sends one request at a time, to the end of its iterator or of the scenario's durationMs. */
  readonly closed?: { readonly users: number; readonly user: (user: number) => Iterable<ClosedRequest> };
  /** How many requests at most, if that is known without expanding. */
  readonly requests: number | undefined;
  /** What a reader of the result has to know: holes of a trace, popular functions held down. */
  readonly remarks: readonly string[];
}

export interface Plan {
  readonly workload: Workload;
  readonly seed: number;
  readonly scenarios: readonly PlannedScenario[];
}

/** What cannot be planned although the file is valid, e.g. a trace that cannot be read. */
export class PlanFailure extends Error {}

/** A scenario with its place and the seed of the plan. */
export interface Seeded {
  readonly scenario: Scenario;
  readonly position: number;
  readonly seed: number;
}

/** What the expansion of a scenario adds to what the file says. */
export type Expanded = Omit<PlannedScenario, 'scenario' | 'after'>;
