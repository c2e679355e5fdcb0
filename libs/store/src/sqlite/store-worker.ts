// The thread that owns this process's SQLite connection. It blocks, in SQLite's busy wait above all, so that the event loop need not.
//
// One request at a time, in the order in which they came: a transaction is never interleaved with another request.
import { Kysely } from 'kysely';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#clock';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import type { Tables } from '../sql/tables';
import { LibsqlDatabase } from './libsql-database';
import { LibsqlDialect } from './libsql-dialect';
import { type FromWorker, sentError, type StoreRequest, type ToWorker, type WorkerSettings } from './messages';
import { sqliteDifferences } from './sqlite-differences';

type Operation = (...args: readonly unknown[]) => Promise<unknown>;

async function serve(port: MessagePort, { path, busyTimeoutMs, statementsCount }: WorkerSettings): Promise<void> {
  const tell = (message: FromWorker): void => port.postMessage(message);
  const connection = new LibsqlDatabase(path, busyTimeoutMs, statementsCount);
  const database = new Kysely<Tables>({ dialect: new LibsqlDialect(connection) });
  let givenMs: number | undefined;
  const differences = sqliteDifferences(connection, { wallMs: () => givenMs ?? systemClock.wallMs() });
  try {
    await migrate(database, differences, path);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  const stores = sqlStores(database, differences);

  const answer = async ({ id, store, operation, args, wallMs }: StoreRequest): Promise<void> => {
    givenMs = wallMs;
    try {
      const target = stores[store] as unknown as Readonly<Record<string, Operation>>;
      tell({ type: 'done', id, result: await target[operation]!(...args) });
    } catch (error) {
      tell({ type: 'refused', id, error: sentError(error) });
    }
  };
  const close = async (): Promise<void> => {
    await database.destroy();
    port.close();
  };
  let last = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    last = last.then(() => (message === 'close' ? close() : answer(message)));
  });
  tell({ type: 'opened' });
}

if (parentPort) {
  const port = parentPort;
  serve(port, workerData as WorkerSettings).catch((error: unknown) => {
    port.postMessage({ type: 'failed', error: sentError(error) } satisfies FromWorker);
    port.close();
  });
}
