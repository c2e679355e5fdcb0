// Opens the stores in a PostgreSQL database, with one worker thread that holds the connections.
//
// Any number of processes of any number of hosts may open the same database at once, also when it has no tables yet. The thread costs a copy
// of what crosses and saves the controller's event loop the making and reading of SQL (docs/decisions/0008). While nobody is there,
// opening waits; what a setting has to change for is refused at once.
import { defaultLimits, type Limits } from '#limits';
import type { Stores } from '../stores';
import type { CollectionLimits } from '../worker/collection-plan';
import { openInWorker, type WorkerLimits } from '../worker/open-in-worker';
import type { PostgresWorkerSettings } from './postgres-worker';

export interface PostgresStoresOptions {
  /** postgres://user:password@host:port/database?sslmode=… */
  readonly databaseUrl: string;
  readonly limits?: WorkerLimits &
    CollectionLimits &
    Pick<Limits, 'storeConnectionsCount' | 'storeConnectMs' | 'storeStatementMs' | 'storeOpenWaitMs'>;
  /** Told what happens to the worker and to the database, one sentence each. */
  readonly say?: (sentence: string) => void;
}

/**
 * Makes or migrates the schema. Refuses a database of a newer Hearth with StoreError `newer-schema`; one that could not be reached for
 * `storeOpenWaitMs`, or that does not let this user in, with `unavailable`.
 */
export function openPostgresStores({
  databaseUrl,
  limits = defaultLimits,
  say = () => undefined,
}: PostgresStoresOptions): Promise<Stores> {
  const worker: PostgresWorkerSettings = {
    databaseUrl,
    connectionsCount: limits.storeConnectionsCount,
    connectMs: limits.storeConnectMs,
    statementMs: limits.storeStatementMs,
    openWaitMs: limits.storeOpenWaitMs,
    storeGarbageBytes: limits.storeGarbageBytes,
    storeGarbageLookMs: limits.storeGarbageLookMs,
  };
  return openInWorker({ file: 'postgres/postgres-worker', worker, limits, say });
}
