// Which non-blocking invocations are run again: those whose outcome nobody knows, if their action asks for it. Pure.
//
// Guarantees: what an action answered, well or badly, and what ran into its time limit is never run again; an invocation is run at most
// 1 + `actionRetriesMaxCount` times, and not again once it is older than the queue keeps it.
import { activationStatus } from '#entity';
import type { Limits } from '#limits';
import type { RunOutcome } from './run-outcome';

/** Of one queued invocation. */
export interface Attempts {
  /** Further ones that its action asked for when it was accepted (annotation `hearth-retries`). */
  readonly asked: number;
  /** Earlier ones that were lost. */
  readonly lost: number;
}

/** Whether it is unknown how far the action came: its container went away, or the platform failed. */
export function isLoss({ isLost, statusCode }: Pick<RunOutcome, 'isLost' | 'statusCode'>): boolean {
  return isLost === true || statusCode === activationStatus.whiskInternalError;
}

/** Whether one whose present attempt is lost is run again. */
export function mayRunAgain(
  { asked, lost }: Attempts,
  ageMs: number,
  limits: Pick<Limits, 'actionRetriesMaxCount' | 'queueAgeMs'>,
): boolean {
  return lost < Math.min(asked, limits.actionRetriesMaxCount) && ageMs < limits.queueAgeMs;
}

/** Number of the present attempt, for the record; undefined: the action did not ask for more than one. */
export function attemptNumber(attempts: Attempts | undefined): number | undefined {
  return attempts && attempts.asked > 0 ? attempts.lost + 1 : undefined;
}
