// Counters in SQL: each next value is given out once, from 1, to whoever commits with it.
import type { Database } from './tables';

export async function nextCount(transaction: Database, name: string): Promise<bigint> {
  const { value } = await transaction
    .insertInto('counters')
    .values({ name, value: 1 })
    .onConflict((clash) =>
      clash.column('name').doUpdateSet(({ eb, ref }) => ({ value: eb(ref('counters.value'), '+', 1) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return BigInt(value);
}
