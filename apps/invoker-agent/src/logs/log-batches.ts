// Rows of finished logs on their way to the log store: together for all that finish within logBatchMs, one transaction at a time.
//
// Guarantees: rows are stored in the order in which they were added; a store that fails is tried again for as long as the agent runs; what
// waits is bounded, in bytes by the budget that the lines were taken from, and in rows; what is beyond is dropped and counted.
import type { Limits } from '#limits';
import type { LogRow, LogStore } from '#store';
import type { Logger } from '#telemetry';
import type { LogBudget } from './log-budget';

const batchRows = 1_000;
const batchBytes = 4_194_304;

interface Waiting {
  readonly row: LogRow;
  readonly bytes: number;
}

export class LogBatches {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private lost = 0;

  constructor(
    private readonly store: LogStore,
    private readonly budget: LogBudget,
    private readonly limits: Pick<Limits, 'logBatchMs' | 'logRetryMs' | 'logRowsCount'>,
    private readonly logger: Logger,
  ) {}

  /** The row's lines hold so many bytes of the budget. */
  add(row: LogRow, bytes: number): void {
    if (this.waiting.length >= this.limits.logRowsCount) {
      this.budget.give(bytes);
      this.lost += 1;
      return;
    }
    this.waiting.push({ row, bytes });
    this.schedule(this.limits.logBatchMs);
  }

  /** Resolves when all that was added before is stored; rejects if the store fails now. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.storeAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  get rowsWaiting(): number {
    return this.waiting.length;
  }

  get rowsLost(): number {
    return this.lost;
  }

  /** Stores what it can in that time; what is left is lost, and told. */
  async close(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const overdue = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    const stored = this.flush().catch((error: unknown) => {
      this.logger.error({ err: error }, 'logs: could not be stored before the agent stopped');
    });
    await Promise.race([stored, overdue]);
    clearTimeout(timer);
    clearTimeout(this.timer);
    if (this.waiting.length > 0) this.logger.error(`logs: ${this.waiting.length} rows lost (the agent stopped)`);
  }

  private schedule(ms: number): void {
    if (this.timer !== undefined || this.running) return;
    this.timer = setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.logger.error({ err: error }, `logs: ${this.waiting.length} rows not stored (tried again later)`);
        this.schedule(this.limits.logRetryMs);
      });
    }, ms);
  }

  private async storeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      await this.store.append(batch.map(({ row }) => row));
      this.waiting.splice(0, batch.length);
      for (const { bytes } of batch) this.budget.give(bytes);
    }
  }

  private nextBatch(): Waiting[] {
    let bytes = 0;
    const end = this.waiting.findIndex((waiting, at) => at >= batchRows || (bytes += waiting.bytes) > batchBytes);
    return this.waiting.slice(0, end < 0 ? this.waiting.length : Math.max(1, end));
  }
}
