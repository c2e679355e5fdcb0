// A salt in front of each key that is hashed, a place for keys that are sealed under a secret outside the database, and what is needed to find
// subjects by name and by namespace. Hashes without a salt stay as they are: nobody can enumerate 64 random characters.
import type { Database } from '../sql/tables';

export async function migration(db: Database): Promise<void> {
  await db.schema
    .alterTable('subjects')
    .addColumn('key_salt', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await db.schema.alterTable('subjects').addColumn('sealed_key', 'text').execute();
  await db.schema.createIndex('subjects_by_name').unique().on('subjects').columns(['subject', 'namespace']).execute();
  await db.schema.createIndex('subjects_by_namespace').on('subjects').columns(['namespace', 'subject']).execute();
}
