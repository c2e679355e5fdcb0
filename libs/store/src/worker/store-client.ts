// The main thread's end of the store worker: numbers requests, matches answers, bounds what is outstanding, and starts a worker that died again.
//
// Guarantees: every request is settled. When the worker dies, everything outstanding is refused with `unavailable` (it may have been done),
// and so is everything later until the next worker has opened the database, after a back-off; after `close` everything is refused with
// `closed`. At the bound a request is refused with `unavailable` without being sent. Nothing is sent twice.
import { Worker } from 'node:worker_threads';
import type { Limits } from '#limits';
import { StoreError } from '../errors';
import { type FromWorker, receivedError, type StoreName, type StoreRequest, type ToWorker } from './messages';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export interface StoreClientSettings {
  /** The compiled worker. */
  readonly workerFile: string;
  /** What it is told when it is made. */
  readonly worker: object;
  readonly limits: Pick<Limits, 'storeRequestsCount' | 'storeRestartMs' | 'storeRestartMostMs' | 'storeYoungMb'>;
  /** The store's clock; undefined: the worker's own. */
  readonly wallMs: () => number | undefined;
  /** Told that the worker died, that it is there again, and what it says itself; one sentence each. */
  readonly say: (sentence: string) => void;
}

export class StoreClient {
  private readonly outstanding = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private isOpen = false;
  /** Why nothing can be asked at this moment. */
  private refusal = new StoreError('unavailable', 'the store is being opened; try later.');
  /** Who waits for the first worker. */
  private opening: Waiting | undefined;
  private isClosing = false;
  /** Who waits for the worker to end. */
  private readonly closers: Waiting[] = [];
  private restart: NodeJS.Timeout | undefined;
  private stable: NodeJS.Timeout | undefined;
  private restartMs: number;
  private sentCount = 0;

  constructor(private readonly settings: StoreClientSettings) {
    this.restartMs = settings.limits.storeRestartMs;
  }

  /** How many requests have been sent. */
  get sent(): number {
    return this.sentCount;
  }

  /** Starts the worker; resolves when the database is open and its schema is this code's. Called once: a first start that fails is not repeated. */
  open(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.opening = { resolve: () => resolve(), reject };
      this.live();
    });
  }

  request(store: StoreName, operation: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.isClosing) throw new StoreError('closed', `cannot do ${store}.${operation}: the store is closed.`);
      if (!this.isOpen) throw this.refusal;
      const { storeRequestsCount } = this.settings.limits;
      if (this.outstanding.size >= storeRequestsCount) {
        throw new StoreError(
          'unavailable',
          `cannot do ${store}.${operation}: ${storeRequestsCount} requests wait for the store; try later.`,
        );
      }
      const id = (this.sentCount += 1);
      this.send({ id, store, operation, args, wallMs: this.settings.wallMs() } satisfies StoreRequest);
      this.outstanding.set(id, { resolve, reject });
    });
  }

  /** Finishes what was sent, then closes. Rejects if the worker dies of it. */
  close(): Promise<void> {
    const isFirst = !this.isClosing;
    this.isClosing = true;
    clearTimeout(this.restart);
    clearTimeout(this.stable);
    return new Promise((resolve, reject) => {
      if (!this.worker) return resolve();
      this.closers.push({ resolve: () => resolve(), reject });
      if (isFirst) this.send('close');
    });
  }

  private live(): void {
    const { workerFile, worker: workerData, limits } = this.settings;
    const worker = new Worker(workerFile, {
      workerData,
      // V8 doubles it when much survives one collection, be it after minutes, and the process keeps that.
      resourceLimits: { maxYoungGenerationSizeMb: limits.storeYoungMb },
    });
    let cause: string | undefined;
    this.worker = worker;
    worker.on('message', (message: FromWorker) => this.receive(message));
    worker.on(
      'error',
      (error) => (cause = `its worker died: ${error instanceof Error ? error.message : String(error)}`),
    );
    worker.once('exit', (code) => this.ended(code, cause ?? `its worker ended with exit code ${code}`));
  }

  private send(message: ToWorker): void {
    this.worker!.postMessage(message);
  }

  private receive(message: FromWorker): void {
    if (message.type === 'opened') return this.opened();
    if (message.type === 'said') return this.settings.say(message.sentence);
    if (message.type === 'failed') {
      // It ends by itself now.
      const error = receivedError(message.error);
      this.opening?.reject(error);
      this.refusal = new StoreError('unavailable', `the store cannot be used: ${error.message}`);
      return;
    }
    const waiting = this.outstanding.get(message.id);
    this.outstanding.delete(message.id);
    if (message.type === 'done') waiting?.resolve(message.result);
    else waiting?.reject(receivedError(message.error));
  }

  private opened(): void {
    const { limits, say } = this.settings;
    this.isOpen = true;
    this.stable = setTimeout(() => (this.restartMs = limits.storeRestartMs), limits.storeRestartMostMs);
    this.stable.unref();
    if (!this.opening) return say('the store is there again');
    this.opening.resolve(undefined);
    this.opening = undefined;
  }

  private ended(code: number, why: string): void {
    const { limits, say } = this.settings;
    const isFirst = this.opening !== undefined;
    this.worker = undefined;
    clearTimeout(this.stable);
    if (this.isOpen || isFirst) this.refusal = new StoreError('unavailable', `the store cannot be used: ${why}.`);
    this.isOpen = false;
    this.opening?.reject(this.refusal);
    this.opening = undefined;
    for (const { reject } of this.outstanding.values()) reject(this.refusal);
    this.outstanding.clear();
    if (this.isClosing) {
      for (const { resolve, reject } of this.closers) {
        if (code === 0) resolve(undefined);
        else reject(this.refusal);
      }
      return;
    }
    if (isFirst) return;
    say(`${this.refusal.message.replace(/\.$/, '')}; it is started again in ${this.restartMs} ms`);
    this.restart = setTimeout(() => this.live(), this.restartMs);
    this.restartMs = Math.min(limits.storeRestartMostMs, 2 * this.restartMs);
  }
}
