// Brings a database to the schema of this code, or refuses one that is newer.
//
// Safe when several processes open a new database at once: the version is read and raised in one exclusive transaction, so each
// migration runs exactly once, and whoever waited finds the work done.
import { sql } from 'kysely';
import { StoreError } from '../errors';
import { migration as firstSchema } from '../migrations/0001-first-schema';
import { migration as lostAttempts } from '../migrations/0002-lost-attempts';
import { migration as saltedKeys } from '../migrations/0003-salted-keys';
import { migration as sharingAndAlarms } from '../migrations/0004-sharing-and-alarms';
import { migration as retention } from '../migrations/0005-retention';
import type { Differences, MigrationDifferences } from './differences';
import type { Database } from './tables';

export type Migration = (transaction: Database, differences: MigrationDifferences) => Promise<void>;

/** In order; the schema's version is how many have run. A released one is never changed. */
export const migrations: readonly Migration[] = [firstSchema, lostAttempts, saltedKeys, sharingAndAlarms, retention];

/** `place` names the database in the sentence of a refusal. */
export async function migrate(
  database: Database,
  differences: Differences,
  place: string,
  list = migrations,
): Promise<void> {
  await differences.exclusively(database, async (transaction) => {
    await sql`create table if not exists schema_version (version integer not null)`.execute(transaction);
    const row = await transaction.selectFrom('schema_version').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > list.length) {
      throw new StoreError(
        'newer-schema',
        `cannot use the database ${place}: its schema is version ${version}, this Hearth knows up to ${list.length}; ` +
          'start the version that wrote it, or choose another data directory.',
      );
    }
    for (const migration of list.slice(version)) await migration(transaction, differences.migration);
    if (!row) await transaction.insertInto('schema_version').values({ version: list.length }).execute();
    else if (version < list.length)
      await transaction.updateTable('schema_version').set({ version: list.length }).execute();
  });
}
