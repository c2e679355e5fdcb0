// The main thread's end of the store worker: numbers requests, matches answers, and bounds what is outstanding.
//
// Guarantees: every request is settled. When the worker dies, everything outstanding and everything later is refused with
// `unavailable`; after `close`, with `closed`. At the bound a request is refused with `unavailable` without being sent.
import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors';
import {
  type FromWorker,
  receivedError,
  type StoreName,
  type StoreRequest,
  type ToWorker,
  type WorkerSettings,
} from './messages';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class StoreClient {
  private readonly outstanding = new Map<number, Waiting>();
  private readonly worker: Worker;
  /** Resolves with the worker's exit code. */
  private readonly gone: Promise<number>;
  private refusal: StoreError | undefined;
  private opening: Waiting | undefined;
  private closing = false;
  private sentCount = 0;

  constructor(
    workerFile: string,
    settings: WorkerSettings,
    private readonly requestsCount: number,
    private readonly wallMs: () => number | undefined,
  ) {
    this.worker = new Worker(workerFile, { workerData: settings });
    this.worker.on('message', (message: FromWorker) => this.receive(message));
    this.worker.on('error', (error) =>
      this.die(`its worker died: ${error instanceof Error ? error.message : String(error)}`),
    );
    this.gone = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.die(`its worker ended with exit code ${code}`);
        resolve(code);
      });
    });
  }

  /** How many requests have been sent. */
  get sent(): number {
    return this.sentCount;
  }

  /** Resolves when the database is open and its schema is this code's. Called once. */
  opened(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.opening = { resolve: () => resolve(), reject };
    });
  }

  request(store: StoreName, operation: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.closing) throw new StoreError('closed', `cannot do ${store}.${operation}: the store is closed.`);
      if (this.refusal) throw this.refusal;
      if (this.outstanding.size >= this.requestsCount) {
        throw new StoreError(
          'unavailable',
          `cannot do ${store}.${operation}: ${this.requestsCount} requests wait for the store; try later.`,
        );
      }
      const id = (this.sentCount += 1);
      this.send({ id, store, operation, args, wallMs: this.wallMs() } satisfies StoreRequest);
      this.outstanding.set(id, { resolve, reject });
    });
  }

  /** Finishes what was sent, then closes. */
  async close(): Promise<void> {
    const isFirst = !this.closing;
    this.closing = true;
    if (isFirst && !this.refusal) this.send('close');
    const hadDied = this.refusal;
    const code = await this.gone;
    if (this.refusal && !hadDied && code !== 0) throw this.refusal;
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    if (message.type === 'opened') return this.opening?.resolve(undefined);
    if (message.type === 'failed') return this.opening?.reject(receivedError(message.error));
    const waiting = this.outstanding.get(message.id);
    this.outstanding.delete(message.id);
    if (message.type === 'done') waiting?.resolve(message.result);
    else waiting?.reject(receivedError(message.error));
  }

  private die(why: string): void {
    this.refusal ??= new StoreError('unavailable', `the store cannot be used: ${why}; restart this process.`);
    this.opening?.reject(this.refusal);
    for (const { reject } of this.outstanding.values()) reject(this.refusal);
    this.outstanding.clear();
  }
}
