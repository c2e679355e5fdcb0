// Opens the stores in a SQLite file, with one worker thread that owns the connection, or a second one for what only reads: in WAL mode a list does
// not wait for a batch of records that is being inserted, nor for the disk when what was written is moved into the file.
//
// Any number of processes of one host may open the same file at once, also when it does not exist yet. Nothing here loads SQLite or
// Kysely into the main thread. A worker that dies is started again (store-client.ts).
import { constants } from 'node:fs';
import { access, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#clock';
import { defaultLimits, type Limits } from '#limits';
import type { Stores } from '../stores';
import type { CollectionLimits } from '../worker/collection-plan';
import { openInWorker, type WorkerLimits } from '../worker/open-in-worker';
import type { SqliteWorkerSettings } from './sqlite-worker';

export interface SqliteStoresOptions {
  readonly path: string;
  /** Whether what only reads has a thread and a connection of its own, at the price of some megabytes. Default: no. */
  readonly readsApart?: boolean | undefined;
  /** The store's clock; default: the system's, read in the worker. */
  readonly clock?: Pick<Clock, 'wallMs'>;
  readonly limits?: WorkerLimits & CollectionLimits & Pick<Limits, 'storeBusyTimeoutMs' | 'storeStatementsCount'>;
  /** Told what happens to the worker, one sentence each. */
  readonly say?: (sentence: string) => void;
}

/**
 * Creates directory, file and schema where they are missing. A path that cannot be written is refused with an error that keeps the
 * system's `code` and `path`; a database of a newer Hearth with StoreError `newer-schema`.
 */
export async function openSqliteStores({
  path,
  readsApart = false,
  clock,
  limits = defaultLimits,
  say = () => undefined,
}: SqliteStoresOptions): Promise<Stores> {
  await makeWritable(path);
  const worker: SqliteWorkerSettings = {
    path,
    busyTimeoutMs: limits.storeBusyTimeoutMs,
    statementsCount: limits.storeStatementsCount,
    onlyReads: false,
    storeGarbageBytes: limits.storeGarbageBytes,
    storeGarbageLookMs: limits.storeGarbageLookMs,
  };
  const reader = readsApart ? { ...worker, onlyReads: true } : undefined;
  return openInWorker({ file: 'sqlite/sqlite-worker', worker, reader, limits, wallMs: () => clock?.wallMs(), say });
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
