// What is PostgreSQL's own among the databases.
import { sql } from 'kysely';
import type { Differences } from '../sql/differences';
import type { Database } from '../sql/tables';

/** Advisory locks of this database that are Hearth's: the first key of each. */
const lockClass = 0x48454152;
const locks = { schema: 1, enqueue: 2 } as const;

export const postgresDifferences: Differences = {
  /** Controllers run on several hosts, so the database's clock is the store's. */
  async nowMs(database) {
    const { rows } = await sql<{ now: number }>`
      select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(database);
    return rows[0]!.now;
  },
  locksRows: true,
  alone: (transaction, what) => lock(transaction, locks[what]),
  /** Every commit waits for the disk (synchronous_commit): PostgreSQL keeps what it has not written in memory of its own, which dies with it. */
  durably: (_database, work) => work(),
  exclusively: (database, work) =>
    database.transaction().execute(async (transaction) => {
      await lock(transaction, locks.schema);
      await work(transaction);
    }),
  migration: { growing: { type: 'bigserial', column: (column) => column.primaryKey() } },
};

async function lock(transaction: Database, key: number): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(key)})`.execute(transaction);
}
