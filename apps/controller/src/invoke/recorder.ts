// The recorder: journal first, then the owner is told, then the store, in batches, off the path of the reply.
//
// Guarantees: a record is stored at least once and the store keeps the first; a batch that fails is tried again with back-off and keeps its
// order; what waits is bounded by `journalMemoryBytes`, beyond which `accepts` is false and new invocations are refused before they get an id.
// Of an activation that its namespace does not keep neither text is written anywhere.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { ActivationRow, ActivationStore } from '#store';
import type { Logger } from '#telemetry';
import type { Journal, JournalPlace } from './journal';
import type { AcceptedEntry } from './journal-format';

interface Waiting {
  readonly row: ActivationRow;
  readonly places: readonly JournalPlace[];
}

const retryMs = 100;
const retryMsMax = 5_000;

export class Recorder {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private storing: Promise<void> | undefined;
  private retryAfterMs = retryMs;
  /** Activations that were answered 202 and whose record is still owed. */
  private readonly accepted = new Map<string, JournalPlace>();

  constructor(
    private readonly journal: Journal,
    private readonly activations: Pick<ActivationStore, 'insert'>,
    private readonly limits: Pick<Limits, 'recordBatchMs' | 'recordBatchCount' | 'journalMemoryBytes'>,
    readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Whether a new invocation may begin. */
  get accepts(): boolean {
    return this.waitingBytes < this.limits.journalMemoryBytes;
  }

  get isDegraded(): boolean {
    return this.journal.isDegraded || this.retryAfterMs > retryMs;
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Journals a finished record, tells, and stores it later; of one that is not kept only that its queue row is settled. */
  finished(row: ActivationRow, told: () => void): void {
    if (row.isUnkept && !row.settles) return void setImmediate(told);
    if (row.isUnkept) return this.journaled({ ...row, summary: '', record: '' }, told);
    this.journaled(row, told);
  }

  private journaled(row: ActivationRow, told: () => void): void {
    this.journal.append({ type: 'record', row }, (place) => {
      told();
      const accepted = this.accepted.get(row.activationId);
      if (accepted) this.accepted.delete(row.activationId);
      this.waiting.push({ row, places: accepted ? [place, accepted] : [place] });
      this.waitingBytes += row.record.length + row.summary.length;
      if (this.waiting.length >= this.limits.recordBatchCount) this.store();
      else this.timer ??= setTimeout(() => this.store(), this.limits.recordBatchMs);
    });
  }

  /** Journals that a blocking call is about to be answered 202, then tells. */
  owed(entry: AcceptedEntry, told: () => void): void {
    if (entry.row.isUnkept) return void setImmediate(told);
    this.journal.append(entry, (place) => {
      this.accepted.set(entry.activationId, place);
      told();
    });
  }

  /** Another controller has journaled the record that this one may owe. */
  keptElsewhere(activationId: string): void {
    // What was appended in this turn is written at its end, and has its place only then.
    setImmediate(() => {
      const place = this.accepted.get(activationId);
      if (!place) return;
      this.accepted.delete(activationId);
      this.journal.stored(place);
    });
  }

  /** Resolves when everything finished so far is stored, or the store fails; readers call it so that they see their own writes. */
  async flush(): Promise<void> {
    if (this.storing) await this.storing;
    if (this.waiting.length > 0) {
      this.store();
      await this.storing;
    }
  }

  /** Stores what is left; false if the store would not take it in time. */
  async close(timeoutMs: number): Promise<boolean> {
    const until = this.clock.now() + timeoutMs;
    do {
      await this.flush();
      if (this.waiting.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    } while (this.clock.now() < until);
    clearTimeout(this.timer);
    this.journal.close();
    return this.waiting.length === 0;
  }

  private store(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.storing || this.waiting.length === 0) return;
    const batch = this.waiting.splice(0, this.limits.recordBatchCount);
    this.storing = this.activations.insert(batch.map(({ row }) => row)).then(
      () => {
        this.storing = undefined;
        this.retryAfterMs = retryMs;
        for (const { row, places } of batch) {
          this.waitingBytes -= row.record.length + row.summary.length;
          for (const place of places) this.journal.stored(place);
        }
        if (this.waiting.length >= this.limits.recordBatchCount) this.store();
        else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.store(), this.limits.recordBatchMs);
      },
      (error: unknown) => {
        this.storing = undefined;
        this.waiting = [...batch, ...this.waiting];
        this.logger.warn(
          { err: error },
          `recorder: ${batch.length} records not stored, again in ${this.retryAfterMs} ms`,
        );
        this.timer ??= setTimeout(() => this.store(), this.retryAfterMs);
        this.retryAfterMs = Math.min(retryMsMax, this.retryAfterMs * 2);
      },
    );
  }
}
