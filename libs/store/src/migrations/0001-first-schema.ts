// Entities, subjects, activations, the queue, logs and counters. What each column holds is said in sql/tables.ts.
import type { MigrationDifferences } from '../sql/differences';
import type { Database } from '../sql/tables';

export async function migration(db: Database, { growing }: MigrationDifferences): Promise<void> {
  await entities(db);
  await subjects(db);
  await activations(db);
  await queue(db);
  await db.schema
    .createTable('activation_logs')
    .addColumn('position', growing.type, (column) => growing.column(column))
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('activation_id', 'text', (column) => column.notNull())
    .addColumn('lines', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('activation_logs_by_id')
    .on('activation_logs')
    .columns(['namespace', 'activation_id', 'position'])
    .execute();
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', (column) => column.primaryKey().notNull())
    .addColumn('value', 'bigint', (column) => column.notNull())
    .execute();
}

async function entities(db: Database): Promise<void> {
  await db.schema
    .createTable('entities')
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('collection', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('updated', 'bigint', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('document', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('entities_key', ['path', 'name'])
    .execute();
  const newestFirst = ['updated', 'sequence'];
  await db.schema
    .createIndex('entities_by_namespace')
    .on('entities')
    .columns(['namespace', 'collection', ...newestFirst])
    .execute();
  await db.schema
    .createIndex('entities_by_path')
    .on('entities')
    .columns(['path', 'collection', ...newestFirst])
    .execute();
  await db.schema
    .createTable('deleted_entities')
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('deleted_entities_key', ['path', 'name'])
    .execute();
  await db.schema
    .createTable('entity_code')
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('entity_code_key', ['path', 'name'])
    .execute();
}

async function subjects(db: Database): Promise<void> {
  await db.schema
    .createTable('subjects')
    .addColumn('uuid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('blocked', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('namespace_limits')
    .addColumn('namespace', 'text', (column) => column.primaryKey().notNull())
    .addColumn('limits', 'text', (column) => column.notNull())
    .execute();
}

async function activations(db: Database): Promise<void> {
  await db.schema
    .createTable('activations')
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('activation_id', 'text', (column) => column.notNull())
    .addColumn('accepted_at', 'bigint', (column) => column.notNull())
    .addColumn('start_at', 'bigint', (column) => column.notNull())
    .addColumn('end_at', 'bigint')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('package_name', 'text')
    .addColumn('status_code', 'integer', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('activations_key', ['namespace', 'activation_id'])
    .execute();
  await db.schema.createIndex('activations_by_start').on('activations').columns(['namespace', 'start_at']).execute();
  await db.schema
    .createIndex('activations_by_name')
    .on('activations')
    .columns(['namespace', 'name', 'start_at'])
    .execute();
}

async function queue(db: Database): Promise<void> {
  await db.schema
    .createTable('queue')
    .addColumn('activation_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('namespace', 'text', (column) => column.notNull())
    .addColumn('accepted_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('enqueued_at', 'bigint', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('owner', 'text')
    .addColumn('claimed_until', 'bigint')
    .addColumn('started_at', 'bigint')
    .addColumn('time_limit_ms', 'bigint')
    .addColumn('invocation', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('queue_by_age').on('queue').columns(['state', 'enqueued_at', 'activation_id']).execute();
}
