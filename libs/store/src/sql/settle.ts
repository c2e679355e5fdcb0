// Settles queue rows in the transaction of their records, so that an accepted invocation has either its row or its record.
//
// A row is settled by deleting it: whoever comes later with the same or another attempt finds nothing and stores nothing.
import type { ActivationRow } from '../activation-store';
import type { Differences } from './differences';
import { lockRows } from './lock-rows';
import type { Database } from './tables';

/** Answers the records that may be stored: those without a row to settle, and those whose row was settled here. */
export async function settle(
  transaction: Database,
  differences: Differences,
  records: readonly ActivationRow[],
): Promise<readonly ActivationRow[]> {
  const ids = records.flatMap(({ settles, activationId }) => (settles ? [activationId] : []));
  if (ids.length === 0) return records;
  const query = transaction.selectFrom('queue').select(['activation_id', 'owner', 'attempt']);
  const named = query.where('activation_id', 'in', ids).orderBy('activation_id');
  const rows = await lockRows(named, differences).execute();
  // A queued row has no owner, so it matches no record.
  const unsettled = new Map(rows.map((row) => [row.activation_id, row]));
  const settled: string[] = [];
  const kept = records.filter(({ activationId, settles }) => {
    if (!settles) return true;
    const row = unsettled.get(activationId);
    if (row?.owner !== settles.owner || row.attempt !== settles.attempt) return false;
    unsettled.delete(activationId);
    settled.push(activationId);
    return true;
  });
  if (settled.length > 0) await transaction.deleteFrom('queue').where('activation_id', 'in', settled).execute();
  return kept;
}
