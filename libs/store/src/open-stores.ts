// Opens the stores that an app's settings name: PostgreSQL if there is a DATABASE_URL, else the SQLite file of the data directory.
import { join } from 'node:path';
import type { Limits } from '#limits';
import { openPostgresStores } from './postgres/open-postgres-stores';
import { openSqliteStores } from './sqlite/open-sqlite-stores';
import type { Stores } from './stores';

export interface StoreSettings {
  readonly databaseUrl: string | undefined;
  readonly dataDirectory: string;
  /** Whether lists and look-ups matter as much as writing: then SQLite has a thread for them. PostgreSQL does everything at once anyway. */
  readonly readsApart?: boolean;
  readonly limits: Limits;
  /** Told what happens to the store, one sentence each. */
  readonly say: (sentence: string) => void;
}

export function openStores({ databaseUrl, dataDirectory, readsApart, limits, say }: StoreSettings): Promise<Stores> {
  if (databaseUrl !== undefined) return openPostgresStores({ databaseUrl, limits, say });
  return openSqliteStores({ path: join(dataDirectory, 'hearth.db'), readsApart, limits, say });
}
