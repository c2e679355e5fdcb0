// Retention in PostgreSQL: a day that is over is dropped as a whole, so records are kept for up to a day longer than asked.
//
// Guarantees: one process at a time does it, the others skip it; a statement waits for a lock for a bounded time only, since whoever wants to
// insert waits behind it. What is in no day's partition (a journal replayed late, a clock that is off) is deleted row by row.
import { sql } from 'kysely';
import type { Retention } from '../retention';
import type { Differences } from '../sql/differences';
import type { Database } from '../sql/tables';
import { expired, missing, type PartitionedTable, partitionedTables, restOf } from './partitions';
import { makePartition, tryLock } from './postgres-schema';

const lockWaitMs = 1_000;

export class PostgresRetention implements Retention {
  constructor(
    private readonly database: Database,
    private readonly differences: Pick<Differences, 'nowMs'>,
  ) {}

  async sweep(keptMs: number, rowsCount: number): Promise<boolean> {
    const nowMs = await this.differences.nowMs(this.database);
    await this.prepare(nowMs);
    const before = nowMs - keptMs;
    let isMore = false;
    for (const { table, column } of partitionedTables) {
      const old = expired(table, await this.names(table), before);
      for (const name of old) await this.alone((db) => sql`drop table if exists ${sql.table(name)}`.execute(db));
      const rest = sql.table(restOf(table));
      const deleted = await this.alone((db) =>
        sql`delete from ${rest} where ctid = any (array(
          select ctid from ${rest} where ${sql.ref(column)} < ${before} order by ${sql.ref(column)} limit ${rowsCount}))`.execute(
          db,
        ),
      );
      if (Number(deleted?.numAffectedRows ?? 0) === rowsCount) isMore = true;
    }
    return isMore;
  }

  /** Makes the partitions of today and the next days that are not there. */
  async prepare(nowMs?: number): Promise<void> {
    const now = nowMs ?? (await this.differences.nowMs(this.database));
    for (const { table } of partitionedTables) {
      for (const partition of missing(table, await this.names(table), now))
        await this.alone((db) => makePartition(db, table, partition));
    }
  }

  private async names(table: PartitionedTable): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = ${table}::text::regclass`.execute(this.database);
    return rows.map(({ name }) => name);
  }

  /** undefined: another process does this just now. */
  private async alone<Result>(work: (transaction: Database) => Promise<Result>): Promise<Result | undefined> {
    return this.database.transaction().execute(async (transaction) => {
      if (!(await tryLock(transaction, 'retention'))) return undefined;
      await sql`set local lock_timeout = ${sql.lit(lockWaitMs)}`.execute(transaction);
      return work(transaction);
    });
  }
}
