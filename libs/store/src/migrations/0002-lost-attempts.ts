// How often a queued invocation was begun and lost: what `hearth-retries` counts. Claims that came to nothing are not among them.
import type { Database } from '../sql/tables';

export async function migration(db: Database): Promise<void> {
  await db.schema
    .alterTable('queue')
    .addColumn('lost', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
