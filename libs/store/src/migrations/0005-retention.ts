// When log lines were written, so that old ones can be removed; and lists by package without reading the activations of others. Where the database can,
// records and logs are partitioned by time.
import { sql } from 'kysely';
import type { MigrationDifferences } from '../sql/differences';
import type { Database } from '../sql/tables';

export async function migration(db: Database, { nowMs, partition }: MigrationDifferences): Promise<void> {
  // What is there counts as written now: it is kept for as long as what comes.
  const now = sql.lit(await nowMs(db));
  await db.schema
    .alterTable('activation_logs')
    .addColumn('written_at', 'bigint', (column) => column.notNull().defaultTo(now))
    .execute();
  if (partition) return partition(db);
  await db.schema
    .createIndex('activations_by_package')
    .on('activations')
    .columns(['namespace', 'package_name', 'name', 'start_at'])
    .where('package_name', 'is not', null)
    .execute();
}
