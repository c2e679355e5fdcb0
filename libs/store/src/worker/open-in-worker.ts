// Opens the stores of a database in a worker thread: nothing of SQL is loaded or waited for in the thread of the caller.
//
// Where the database wants it, what only reads has a worker of its own, and then it does not wait for what is being written: it sees all that was
// answered before it was asked, and may overtake what was not.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Stores } from '../stores';
import { operations, reads, type StoreName } from './messages';
import { StoreClient, type StoreClientSettings } from './store-client';

export type WorkerLimits = StoreClientSettings['limits'];

export interface WorkerOptions {
  /** Path of the compiled worker in this lib, without extension: `sqlite/sqlite-worker`. */
  readonly file: string;
  /** What it is told. */
  readonly worker: object;
  readonly limits: WorkerLimits;
  /** What the worker of those that only read is told; undefined: there is no such worker. */
  readonly reader?: object | undefined;
  /** The store's clock, for a database that has none of its own; undefined: the system's, read in the worker. */
  readonly wallMs?: () => number | undefined;
  readonly say: (sentence: string) => void;
}

/** Resolves when the database is open and its schema is this code's. */
export async function openInWorker(options: WorkerOptions): Promise<Stores> {
  const writer = clientOf(options, options.worker);
  const reader = options.reader && clientOf(options, options.reader);
  await openBoth(writer, reader);
  const clients = { writer, reader: reader ?? writer };
  return {
    artifacts: remote(clients, 'artifacts'),
    subjects: remote(clients, 'subjects'),
    activations: remote(clients, 'activations'),
    queue: remote(clients, 'queue'),
    fires: remote(clients, 'fires'),
    alarms: remote(clients, 'alarms'),
    logs: remote(clients, 'logs'),
    retention: remote(clients, 'retention'),
    incarnations: remote(clients, 'incarnations'),
    queries: () => writer.sent + (reader?.sent ?? 0),
    close: async () => {
      await reader?.close();
      await writer.close();
    },
  };
}

function clientOf({ file, limits, wallMs = () => undefined, say }: WorkerOptions, worker: object): StoreClient {
  return new StoreClient({ workerFile: workerFile(file), worker, limits, wallMs, say });
}

/** At once, since a start waits for it; nothing is read before the writer has made the schema. Why the writer cannot open is what counts. */
async function openBoth(writer: StoreClient, reader: StoreClient | undefined): Promise<void> {
  const [writing, reading] = await Promise.allSettled([writer.open(), reader?.open()]);
  const failed = [writing, reading].find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (!failed) return;
  await Promise.allSettled([writer.close(), reader?.close()]);
  throw failed.reason;
}

interface Clients {
  readonly writer: StoreClient;
  readonly reader: StoreClient;
}

/** A store whose operations run in a worker. */
function remote<Name extends StoreName>({ writer, reader }: Clients, name: Name): Stores[Name] {
  const proxy: Record<string, (...args: readonly unknown[]) => Promise<unknown>> = {};
  const readOnly: readonly string[] = reads[name] ?? [];
  for (const operation of Object.keys(operations[name])) {
    const client = readOnly.includes(operation) ? reader : writer;
    proxy[operation] = (...args) => client.request(name, operation, args);
  }
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
