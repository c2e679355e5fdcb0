// Rows of the durable queue that somebody started and will not settle, since its controller was lost.
//
// Guarantee: each is run again if its action asks for that (retries.ts), and is else recorded as a whisk internal error, in the transaction that
// settles its row; neither a row that cannot be read nor a record that the store refuses for good (refused-records.ts) keeps another from its end.
import type { Limits } from '#limits';
import type { ActivationRow, ActivationStore, ClaimedInvocation, InvocationQueue, StartedInvocation } from '#store';
import type { Logger } from '#telemetry';
import { lostCompositionRow } from './composition/composition-record';
import { templateFor } from './invocation-templates';
import { placeholderAction, type QueuedFormat, queuedOf, recordedIdentity } from './queued-format';
import { attemptNumber, type Attempts, mayRunAgain } from './retries';
import type { RefusedRecords } from './refused-records';
import { lostControllerText, whiskError } from './run-outcome';
import { storeOrSetAside } from './store-records';

export interface LostStartsParts {
  readonly queue: Pick<InvocationQueue, 'started' | 'retry'>;
  readonly activations: Pick<ActivationStore, 'insert'>;
  readonly refused: Pick<RefusedRecords, 'setAside'>;
  readonly limits: Pick<Limits, 'actionRetriesMaxCount' | 'queueAgeMs'>;
  readonly logger: Logger;
}

/** Rows that somebody started and will not settle: run again if their action asks for that, else a whisk internal error. */
export async function settleLostStarts(
  { queue, activations, refused, limits, logger }: LostStartsParts,
  filter: { owners?: readonly string[]; overdueGraceMs?: number },
): Promise<void> {
  let settled = 0;
  let again = 0;
  const met = new Set<string>();
  // The store answers them in parts; each round takes its part out, but for what can be neither stored nor set aside: that is left to a later call.
  const nextRows = async (): Promise<StartedInvocation[]> =>
    (await queue.started(filter)).filter(({ activationId }) => !met.has(activationId));
  for (let rows = await nextRows(); rows.length > 0; rows = await nextRows()) {
    for (const { activationId } of rows) met.add(activationId);
    const found = rows.map((row) => {
      const queued = queuedOf(row);
      return { row, queued, attempts: attemptsOf(row, queued) };
    });
    const isAgain = ({ row, attempts }: (typeof found)[number]): boolean => mayRunAgain(attempts, row.ageMs, limits);
    const [lost, runAgain] = [found.filter((one) => !isAgain(one)), found.filter(isAgain)];
    for (const { row } of runAgain) await queue.retry(row.owner, row.activationId, row.attempt);
    const records = lost.map(({ row, queued, attempts }) => lostRow(row, queued, attempts));
    const left = await storeOrSetAside(records, activations, refused);
    settled += lost.length - left.length;
    again += runAgain.length;
  }
  if (settled > 0)
    logger.warn(`queue: ${settled} started activations of lost controllers settled as whisk internal errors`);
  if (again > 0) logger.warn(`queue: ${again} started activations of lost controllers are run again`);
}

export function attemptsOf({ lost }: ClaimedInvocation, { action }: QueuedFormat): Attempts {
  return { asked: action.retries, lost };
}

/** The record of one whose controller was lost while it ran. */
function lostRow(row: StartedInvocation, queued: QueuedFormat, attempts: Attempts): ActivationRow {
  const [action, identity] = [placeholderAction(queued), recordedIdentity(queued)];
  const settles = { owner: row.owner, attempt: row.attempt };
  if (action.composition !== undefined) {
    const { activationId, acceptedAt: start } = row;
    const facts = { action, activationId, cause: undefined, start, waitTimeMs: 0 };
    return lostCompositionRow(facts, identity, settles, attemptNumber(attempts));
  }
  const template = templateFor(action, identity);
  const run = {
    ...whiskError(lostControllerText),
    activationId: row.activationId,
    start: row.acceptedAt,
    duration: 0,
    waitTime: 0,
    initTime: undefined,
    attempts: attemptNumber(attempts),
  };
  return template.record.row(run, row.acceptedAt, template.record.record(run), settles);
}
