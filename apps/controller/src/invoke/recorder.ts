// The recorder: journal first, then the owner is told, then the store, in batches, off the path of the reply.
//
// Guarantees: a record is stored at least once and the store keeps the first; a batch that fails is tried again with back-off and keeps its
// order; one that the store refuses for good is found (batch-search.ts) and set aside (refused-records.ts), as soon as the store takes another or
// after `refusedRecordMs`, and holds up no other; what waits is bounded by `journalMemoryBytes`, beyond which `accepts` is false and new
// invocations are refused before they get an id. Of an activation that its namespace does not keep neither text is written anywhere.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { ActivationRow, ActivationStore } from '#store';
import type { Logger } from '#telemetry';
import { BatchSearch, type Refused } from './batch-search';
import type { Journal, JournalPlace } from './journal';
import type { AcceptedEntry } from './journal-format';
import type { RefusedRecords } from './refused-records';
import { storeRecords } from './store-records';

interface Waiting {
  readonly row: ActivationRow;
  readonly places: readonly JournalPlace[];
  /** When the store first refused it alone, by the monotonic clock. */
  refusedAt?: number;
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
    private readonly limits: Pick<
      Limits,
      'recordBatchMs' | 'recordBatchCount' | 'journalMemoryBytes' | 'refusedRecordMs'
    >,
    readonly clock: Clock,
    private readonly logger: Logger,
    private readonly refused: Pick<RefusedRecords, 'setAside'>,
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
    this.storing = this.storeBatch(batch);
  }

  private async storeBatch(batch: readonly Waiting[]): Promise<void> {
    const isFresh = ({ refusedAt }: Waiting): boolean => refusedAt === undefined;
    const search = new BatchSearch(
      batch.filter(isFresh),
      batch.filter((one) => !isFresh(one)),
    );
    const failure = await storeRecords(search, (part) => this.activations.insert(part.map(({ row }) => row)));
    for (const one of search.taken) this.over(one);
    const suspects: Waiting[] = [];
    for (const one of search.refused) {
      if (await this.setAside(one, search.taken.length > 0)) this.over(one.item);
      else suspects.push(one.item);
    }
    this.storing = undefined;
    const { left } = search;
    this.waiting = [...left, ...this.waiting, ...suspects];
    const unstored = left.length + suspects.length;
    if (unstored > 0) return this.again(unstored, failure ?? search.refused[0]?.reason);
    this.retryAfterMs = retryMs;
    if (this.waiting.length >= this.limits.recordBatchCount) this.store();
    else if (this.waiting.length > 0) this.timer ??= setTimeout(() => this.store(), this.limits.recordBatchMs);
  }

  /** False: not yet, since the store may as well refuse everything at this moment, or it cannot be kept. */
  private async setAside({ item, reason }: Refused<Waiting>, isCertain: boolean): Promise<boolean> {
    const now = this.clock.now();
    item.refusedAt ??= now;
    if (!isCertain && now - item.refusedAt < this.limits.refusedRecordMs) return false;
    return this.refused.setAside(item.row, reason, isCertain);
  }

  /** The store has it, or never will. */
  private over({ row, places }: Waiting): void {
    this.waitingBytes -= row.record.length + row.summary.length;
    for (const place of places) this.journal.stored(place);
  }

  private again(count: number, reason: unknown): void {
    this.logger.warn({ err: reason }, `recorder: ${count} records not stored, again in ${this.retryAfterMs} ms`);
    this.timer ??= setTimeout(() => this.store(), this.retryAfterMs);
    this.retryAfterMs = Math.min(retryMsMax, this.retryAfterMs * 2);
  }
}
