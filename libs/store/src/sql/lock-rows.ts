// Locks the rows that a transaction has read and will change, where its begin has not locked everything already.
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
