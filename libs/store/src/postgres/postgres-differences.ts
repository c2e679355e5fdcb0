// What is PostgreSQL's own among the databases.
import { sql } from 'kysely';
import type { Differences } from '../sql/differences';
import type { Database } from '../sql/tables';
import { insertActivations } from './insert-activations';
import { PostgresRetention } from './postgres-retention';
import { lock, partitionTables } from './postgres-schema';

/** Controllers run on several hosts, so the database's clock is the store's. */
async function databaseMs(database: Database): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(database);
  return rows[0]!.now;
}

/** `nowMs`: for tests. */
export function postgresDifferences(nowMs: Differences['nowMs'] = databaseMs): Differences {
  return {
    nowMs,
    locksRows: true,
    alone: (transaction, what) => lock(transaction, what),
    // Every commit waits for the disk (synchronous_commit): PostgreSQL keeps what it has not written in memory of its own, which dies with it.
    durably: (_database, work) => work(),
    exclusively: (database, work) =>
      database.transaction().execute(async (transaction) => {
        await lock(transaction, 'schema');
        await work(transaction);
      }),
    isPartitioned: true,
    insertActivations,
    retention: (database) => new PostgresRetention(database, { nowMs }),
    migration: {
      nowMs,
      partition: partitionTables,
      growing: { type: 'bigserial', column: (column) => column.primaryKey() },
    },
  };
}
