// The worker's end of the stores: opens a database, answers requests, closes. The same for every database.
//
// Guarantees: each request gets one answer; `close` waits for all that came before it. Where the database wants it, one request at a time, in
// the order in which they came; else as many at once as there are. Old garbage of the worker does not pile up.
import type { MessagePort } from 'node:worker_threads';
import { collectNowAndThen } from './collect-garbage';
import type { CollectionLimits } from './collection-plan';
import { type FromWorker, sentError, type ServedStores, type StoreRequest, type ToWorker } from './messages';

type Operation = (...args: readonly unknown[]) => Promise<unknown>;

export interface Served {
  readonly stores: ServedStores;
  readonly oneAtATime: boolean;
  /** Hears the clock of whoever asks, before each request; undefined: the system's. */
  clockIs?(wallMs: number | undefined): void;
  close(): Promise<void>;
}

/** `open` may say sentences while it opens and later; they end in the log of the process. */
export function serveStores(
  port: MessagePort,
  limits: CollectionLimits,
  open: (say: (sentence: string) => void) => Promise<Served>,
): Promise<void> {
  const tell = (message: FromWorker): void => port.postMessage(message);
  const ended = (error: unknown): void => {
    tell({ type: 'failed', error: sentError(error) });
    port.close();
  };
  return open((sentence) => tell({ type: 'said', sentence })).then((served) => {
    answerAll(port, tell, served);
    collectNowAndThen(limits);
  }, ended);
}

function answerAll(port: MessagePort, tell: (message: FromWorker) => void, served: Served): void {
  const { stores, oneAtATime, clockIs } = served;
  const answer = async ({ id, store, operation, args, wallMs }: StoreRequest): Promise<void> => {
    clockIs?.(wallMs);
    try {
      const target = stores[store] as unknown as Readonly<Record<string, Operation>>;
      tell({ type: 'done', id, result: await target[operation]!(...args) });
    } catch (error) {
      tell({ type: 'refused', id, error: sentError(error) });
    }
  };
  const underWay = new Set<Promise<void>>();
  let last = Promise.resolve();
  const close = async (): Promise<void> => {
    await Promise.all([last, ...underWay]);
    await served.close();
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    if (message === 'close') return void close();
    if (oneAtATime) return void (last = last.then(() => answer(message)));
    const answered: Promise<void> = answer(message).finally(() => underWay.delete(answered));
    underWay.add(answered);
  });
  tell({ type: 'opened' });
}
