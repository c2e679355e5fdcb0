// Opens the stores of a database in a worker thread: nothing of SQL is loaded or waited for in the thread of the caller.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Limits } from '#limits';
import type { Stores } from '../stores';
import { operations, type StoreName } from './messages';
import { StoreClient } from './store-client';

export type WorkerLimits = Pick<Limits, 'storeRequestsCount' | 'storeRestartMs' | 'storeRestartMostMs'>;

export interface WorkerOptions {
  /** Path of the compiled worker in this lib, without extension: `sqlite/sqlite-worker`. */
  readonly file: string;
  /** What it is told. */
  readonly worker: object;
  readonly limits: WorkerLimits;
  /** The store's clock, for a database that has none of its own; undefined: the system's, read in the worker. */
  readonly wallMs?: () => number | undefined;
  readonly say: (sentence: string) => void;
}

/** Resolves when the database is open and its schema is this code's. */
export async function openInWorker({
  file,
  worker,
  limits,
  wallMs = () => undefined,
  say,
}: WorkerOptions): Promise<Stores> {
  const client = new StoreClient({ workerFile: workerFile(file), worker, limits, wallMs, say });
  await client.open();
  return {
    artifacts: remote(client, 'artifacts'),
    subjects: remote(client, 'subjects'),
    activations: remote(client, 'activations'),
    queue: remote(client, 'queue'),
    fires: remote(client, 'fires'),
    alarms: remote(client, 'alarms'),
    logs: remote(client, 'logs'),
    retention: remote(client, 'retention'),
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

/** Beside this file's folder, or, when this runs from its source (tests), where the build puts it. */
function workerFile(name: string): string {
  const beside = join(__dirname, '..', `${name}.js`);
  if (existsSync(beside)) return beside;
  const built = resolve(__dirname, '../../../../dist/libs/store/src', `${name}.js`);
  if (!existsSync(built))
    throw new Error(`cannot start the store's worker: ${built} is not there; run \`npm run build\`.`);
  return built;
}
