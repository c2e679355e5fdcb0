// Locks the rows that a transaction has read and will change, where its begin has not locked everything already.
//
// Whoever waits for locks asks for them in the order of the ids, in every statement and transaction, so that no two wait for each other.
import type { SelectQueryBuilder } from 'kysely';
import type { Differences } from './differences';
import type { Tables } from './tables';

/** `skip`: leave out what another transaction is changing just now, instead of waiting for it. */
export function lockRows<Table extends keyof Tables, Selected>(
  query: SelectQueryBuilder<Tables, Table, Selected>,
  { locksRows }: Differences,
  whatIsLocked: 'wait' | 'skip' = 'wait',
): SelectQueryBuilder<Tables, Table, Selected> {
  if (!locksRows) return query;
  return whatIsLocked === 'skip' ? query.forUpdate().skipLocked() : query.forUpdate();
}
