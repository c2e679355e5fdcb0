// What main thread and store worker say to each other. Arguments and results are plain values, copied by postMessage.
import { StoreError, type StoreErrorCode } from '../errors';
import type { Stores } from '../stores';

/** The stores themselves, without what belongs to the process that has them open. */
export type ServedStores = Omit<Stores, 'queries' | 'close'>;
export type StoreName = keyof ServedStores;

/** Every operation that crosses; the type makes the table complete. */
export const operations = {
  artifacts: { get: true, code: true, put: true, remove: true, change: true, list: true, count: true },
  subjects: {
    authenticate: true,
    ofNamespace: true,
    seed: true,
    create: true,
    subject: true,
    credentialsOf: true,
    remove: true,
    setBlocked: true,
    limitsOf: true,
    setLimits: true,
    removeLimits: true,
  },
  activations: { insert: true, get: true, list: true, listRecords: true, count: true },
  queue: {
    enqueue: true,
    claim: true,
    renew: true,
    release: true,
    releaseAll: true,
    start: true,
    prolong: true,
    retry: true,
    started: true,
    stillQueued: true,
    owners: true,
    counts: true,
  },
  fires: { store: true },
  alarms: { put: true, get: true, remove: true, count: true, due: true, nextDueAt: true, fire: true },
  logs: { append: true, read: true },
  retention: { sweep: true },
  incarnations: { next: true },
} as const satisfies { readonly [Name in StoreName]: Readonly<Record<keyof Stores[Name], true>> };

/** Those that read only, and judge nothing by the store's clock: where writers do not keep readers waiting, a worker of their own does them. */
export const reads: { readonly [Name in StoreName]?: readonly (keyof Stores[Name] & string)[] } = {
  artifacts: ['get', 'code', 'list', 'count'],
  subjects: ['authenticate', 'ofNamespace', 'subject', 'credentialsOf', 'limitsOf'],
  activations: ['get', 'list', 'listRecords', 'count'],
  logs: ['read'],
};

export interface StoreRequest {
  readonly id: number;
  readonly store: StoreName;
  readonly operation: string;
  readonly args: readonly unknown[];
  /** The store's clock as its owner sees it; undefined: the worker reads the system's. */
  readonly wallMs: number | undefined;
}

export type ToWorker = StoreRequest | 'close';

export type FromWorker =
  | { readonly type: 'opened' }
  | { readonly type: 'said'; readonly sentence: string }
  | { readonly type: 'failed'; readonly error: SentError }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: SentError };

export interface SentError {
  /** undefined: a defect. */
  readonly code: StoreErrorCode | undefined;
  readonly message: string;
  readonly stack: string | undefined;
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), stack: undefined };
  return { code: error instanceof StoreError ? error.code : undefined, message: error.message, stack: error.stack };
}

export function receivedError({ code, message, stack }: SentError): Error {
  const error = code ? new StoreError(code, message) : new Error(message);
  if (stack) error.stack = stack;
  return error;
}
