// A thread that owns a SQLite connection of this process. It blocks, in SQLite's busy wait above all, so that the event loop need not.
//
// One that only reads leaves the schema to the other one, which is open before it is asked anything, and can change nothing.
// One request at a time, in the order in which they came: a transaction is never interleaved with another request.
import { Kysely } from 'kysely';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#clock';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import type { Tables } from '../sql/tables';
import type { CollectionLimits } from '../worker/collection-plan';
import { type Served, serveStores } from '../worker/serve-stores';
import { LibsqlDatabase } from './libsql-database';
import { LibsqlDialect } from './libsql-dialect';
import { sqliteDifferences } from './sqlite-differences';

export interface SqliteWorkerSettings extends CollectionLimits {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly statementsCount: number;
  readonly onlyReads: boolean;
}

async function open({ path, busyTimeoutMs, statementsCount, onlyReads }: SqliteWorkerSettings): Promise<Served> {
  const connection = new LibsqlDatabase(path, busyTimeoutMs, statementsCount);
  const database = new Kysely<Tables>({ dialect: new LibsqlDialect(connection) });
  let givenMs: number | undefined;
  const differences = sqliteDifferences(connection, { wallMs: () => givenMs ?? systemClock.wallMs() });
  try {
    if (onlyReads) connection.pragma('query_only = on');
    else await migrate(database, differences, path);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return {
    stores: sqlStores(database, differences),
    oneAtATime: true,
    clockIs: (wallMs) => (givenMs = wallMs),
    close: () => database.destroy(),
  };
}

const settings = workerData as SqliteWorkerSettings;
if (parentPort) void serveStores(parentPort, settings, () => open(settings));
