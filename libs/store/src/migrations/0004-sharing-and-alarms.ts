// Which packages are shared, so that listing those of another namespace reads an index only; alarms, and which of their due times were taken.
import type { Database } from '../sql/tables';

export async function migration(db: Database): Promise<void> {
  await db.schema
    .alterTable('entities')
    .addColumn('shared', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('entities_shared')
    .on('entities')
    .columns(['namespace', 'collection', 'shared', 'updated', 'sequence'])
    .execute();
  await db.schema
    .createTable('alarms')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint')
    .addColumn('alarm', 'text', (column) => column.notNull())
    .addUniqueConstraint('alarms_of_triggers', ['namespace', 'trigger'])
    .execute();
  await db.schema.createIndex('alarms_by_due').on('alarms').columns(['due_at']).execute();
  await db.schema
    .createTable('alarm_fires')
    .addColumn('alarm_id', 'text', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('alarm_fires_key', ['alarm_id', 'due_at'])
    .execute();
}
