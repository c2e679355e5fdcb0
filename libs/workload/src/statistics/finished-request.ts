// What is known of a request when it is over, however it ended and whoever drove it: the one thing that statistics are fed with. Pure.

/** How a request ended. A closed list: every driver maps what it saw to one of these. */
export const outcomes = {
  ok: 'answered as it should be',
  killed: 'ended its own container, as the workload asked for',
  'action-error': 'the action failed by itself',
  'developer-error': 'the container failed: could not be initialised, went away, ran into its time limit',
  'platform-error': 'a whisk internal error, or a status of 5xx',
  unavailable: 'the platform said that it is overloaded (503)',
  throttled: 'the platform said that the namespace calls too often (429)',
  refused: 'the platform refused the request (4xx)',
  unreachable: 'no connection to the API host',
  disconnected: 'the connection ended before the answer',
  descriptors: 'the driver had no file descriptor left (ulimit -n)',
  unsent: 'the driver had too many requests waiting to send it',
  lost: 'no answer in time',
  swapped: "the answer was another request's",
  malformed: 'the answer could not be understood',
} as const;
export type Outcome = keyof typeof outcomes;

/** How the container that ran it had started. */
export const startPaths = ['cold', 'prewarmed', 'warm', 'suspended'] as const;
export type StartPath = (typeof startPaths)[number];

/** Of a container, as it says itself; whoever makes containers may number them instead, from 0 on, and need no names to be looked up. */
export type ContainerIdentity = string | number;

/** Times are milliseconds from the start of the workload, with fractions. */
export interface FinishedRequest {
  /** When it was due; latency counts from here. */
  readonly intendedMs: number;
  /** When it left. */
  readonly sentMs: number;
  readonly endedMs: number;
  readonly outcome: Outcome;
  /** For people: what an error said. */
  readonly detail?: string | undefined;
  /** Undefined where nothing tells. */
  readonly startPath?: StartPath | undefined;
  /** From the record: from the accept to the run, and the two parts of the run. */
  readonly waitMs?: number | undefined;
  readonly initMs?: number | undefined;
  readonly runMs?: number | undefined;
  readonly container?: ContainerIdentity | undefined;
  /** How often that container had run before this. */
  readonly containerRunsBefore?: number | undefined;
  /** When the run began and ended, by the container's clock brought to the driver's. */
  readonly insideStartMs?: number | undefined;
  readonly insideEndMs?: number | undefined;
}
