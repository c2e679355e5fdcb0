// Opens the stores in a SQLite file, with one worker thread that owns the connection.
//
// Any number of processes of one host may open the same file at once, also when it does not exist yet. Nothing here loads SQLite or
// Kysely into the main thread. A worker that dies is started again (store-client.ts).
import { constants, existsSync } from 'node:fs';
import { access, mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Clock } from '#clock';
import { defaultLimits, type Limits } from '#limits';
import type { Stores } from '../stores';
import { operations, type StoreName } from './messages';
import { StoreClient } from './store-client';

type StoreLimit =
  'storeRequestsCount' | 'storeBusyTimeoutMs' | 'storeStatementsCount' | 'storeRestartMs' | 'storeRestartMostMs';

export interface SqliteStoresOptions {
  readonly path: string;
  /** The store's clock; default: the system's, read in the worker. */
  readonly clock?: Pick<Clock, 'wallMs'>;
  readonly limits?: Pick<Limits, StoreLimit>;
  /** Told what happens to the worker, one sentence each. */
  readonly say?: (sentence: string) => void;
}

/**
 * Creates directory, file and schema where they are missing. A path that cannot be written is refused with an error that keeps the
 * system's `code` and `path`; a database of a newer Hearth with StoreError `newer-schema`.
 */
export async function openSqliteStores({
  path,
  clock,
  limits = defaultLimits,
  say = () => undefined,
}: SqliteStoresOptions): Promise<Stores> {
  await makeWritable(path);
  const worker = { path, busyTimeoutMs: limits.storeBusyTimeoutMs, statementsCount: limits.storeStatementsCount };
  const client = new StoreClient({
    workerFile: workerFile(),
    worker,
    limits,
    wallMs: () => clock?.wallMs(),
    say,
  });
  await client.open();
  return {
    artifacts: remote(client, 'artifacts'),
    subjects: remote(client, 'subjects'),
    activations: remote(client, 'activations'),
    queue: remote(client, 'queue'),
    logs: remote(client, 'logs'),
    incarnations: remote(client, 'incarnations'),
    queries: () => client.sent,
    close: () => client.close(),
  };
}

/** A store whose operations run in the worker. */
function remote<Name extends StoreName>(client: StoreClient, name: Name): Stores[Name] {
  const proxy: Record<string, (...args: readonly unknown[]) => Promise<unknown>> = {};
  for (const operation of Object.keys(operations[name]))
    proxy[operation] = (...args) => client.request(name, operation, args);
  // The table of operations is checked against the seam's type where it stands.
  return proxy as unknown as Stores[Name];
}

/** SQLite would say only "unable to open database file". It also makes files beside the database, so the directory must be writable too. */
async function makeWritable(path: string): Promise<void> {
  const directory = dirname(path);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.W_OK);
    const file = await open(path, 'a', 0o600);
    await file.close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const sentence = `cannot write the database ${path}: ${code}; make its directory writable or choose another data directory.`;
    throw Object.assign(new Error(sentence, { cause: error }), { code, path });
  }
}

/** The compiled worker: beside this file, or, when this runs from its source (tests), where the build puts it. */
function workerFile(): string {
  const beside = join(__dirname, 'store-worker.js');
  if (existsSync(beside)) return beside;
  const built = resolve(__dirname, '../../../../dist/libs/store/src/sqlite/store-worker.js');
  if (!existsSync(built))
    throw new Error(`cannot start the store's worker: ${built} is not there; run \`npm run build\`.`);
  return built;
}
