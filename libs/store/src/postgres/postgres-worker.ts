// The thread that holds this process's connections to PostgreSQL.
import { Kysely, PostgresDialect } from 'kysely';
import { parentPort, workerData } from 'node:worker_threads';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import type { Tables } from '../sql/tables';
import type { CollectionLimits } from '../worker/collection-plan';
import { type Served, serveStores } from '../worker/serve-stores';
import { awaitDatabase } from './await-database';
import { placeOf } from './postgres-address';
import { postgresDifferences } from './postgres-differences';
import { type PostgresPoolSettings, StorePool } from './postgres-pool';
import { PostgresRetention } from './postgres-retention';

export interface PostgresWorkerSettings extends PostgresPoolSettings, CollectionLimits {
  /** How long opening waits for a database that is not there. */
  readonly openWaitMs: number;
}

type Say = (sentence: string) => void;

const differences = postgresDifferences();

const databaseOf = (settings: PostgresPoolSettings, say: Say): Kysely<Tables> =>
  new Kysely({ dialect: new PostgresDialect({ pool: new StorePool(settings, say) }) });

async function open(settings: PostgresWorkerSettings, say: Say): Promise<Served> {
  const place = placeOf(settings.databaseUrl);
  await awaitDatabase(place, settings.openWaitMs, say, () => bringUpToDate(settings, place));
  const database = databaseOf(settings, say);
  return {
    stores: sqlStores(database, differences),
    oneAtATime: false,
    close: () => database.destroy(),
  };
}

/** On a connection of its own: a migration may take as long as it takes, and so may waiting for another process that does it. */
async function bringUpToDate(settings: PostgresPoolSettings, place: string): Promise<void> {
  const database = databaseOf({ ...settings, connectionsCount: 1, statementMs: 0 }, () => undefined);
  try {
    await migrate(database, differences, place);
    await new PostgresRetention(database, differences).prepare();
  } finally {
    await database.destroy();
  }
}

const settings = workerData as PostgresWorkerSettings;
if (parentPort) void serveStores(parentPort, settings, (say) => open(settings, say));
