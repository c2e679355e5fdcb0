// Activation records as the API offers them: the stored record with its logs put in.
//
// Guarantees: records that this controller has finished are visible, since they are flushed before each read; one that another controller
// has just finished is waited for, while it may be on its way to the store, when it is asked for by its id. Records are passed on as
// text, so numbers come back digit by digit. OpenWhisk stores a record after its logs, so whoever sees one sees the other; here logs
// follow, so a record that is younger than `logSettleMs` is answered once logs are there or that time has passed.
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '#clock';
import { type ActivationFilter, memberText, rejections, withMemberText } from '#entity';
import type { Limits } from '#limits';
import type { ActivationStore, LogStore } from '#store';

/** This controller's own finished records, which may still be on their way to the store. */
export interface ActivationFlush {
  /** Resolves once they are stored. */
  flush(): Promise<void>;
  /** How long a record that another controller has finished may be on its way to the store; 0 if there is no other. */
  readonly othersMs: number;
}

/** Between two looks for what is on its way to the store. */
const pollMs = 25;

/** Whether this record's action may have written logs at all: it ran in a container, with a log limit above zero. */
function collectsLogs(record: string): boolean {
  const annotations = JSON.parse(memberText(record, 'annotations') ?? '[]') as { key: string; value: unknown }[];
  const valueOf = (name: string): unknown => annotations.find(({ key }) => key === name)?.value;
  const limits = valueOf('limits') as { logs?: number } | undefined;
  return valueOf('kind') !== undefined && valueOf('kind') !== 'sequence' && limits?.logs !== 0;
}

export class Activations {
  constructor(
    private readonly records: ActivationStore,
    private readonly logs: LogStore,
    private readonly flush: ActivationFlush,
    private readonly limits: Pick<Limits, 'logSettleMs'>,
    private readonly clock: Clock,
  ) {}

  /** The whole record as JSON text. Throws 404. */
  async get(namespace: string, activationId: string): Promise<string> {
    return this.#withLogs(namespace, activationId, await this.#record(namespace, activationId));
  }

  /** `{"logs": […]}` as JSON text. Throws 404. */
  async logsOf(namespace: string, activationId: string): Promise<string> {
    const record = await this.get(namespace, activationId);
    return `{"logs":${memberText(record, 'logs') ?? '[]'}}`;
  }

  /** The `response` of the record as JSON text. Throws 404. */
  async resultOf(namespace: string, activationId: string): Promise<string> {
    return memberText(await this.#record(namespace, activationId), 'response') ?? '{}';
  }

  /** Summaries or whole records, newest first, or their number; as JSON text. */
  async list(namespace: string, filter: ActivationFilter): Promise<string> {
    const { isCount, hasDocs, limit, ...rest } = filter;
    const query = { namespace, ...rest };
    await this.flush.flush();
    if (isCount) return JSON.stringify({ activations: await this.records.count(query) });
    if (!hasDocs) return `[${(await this.records.list({ ...query, limit })).join(',')}]`;
    const records = await this.records.listRecords({ ...query, limit });
    const whole = records.map((record) =>
      this.#withLogs(namespace, JSON.parse(memberText(record, 'activationId') ?? '""') as string, record),
    );
    return `[${(await Promise.all(whole)).join(',')}]`;
  }

  async #record(namespace: string, activationId: string): Promise<string> {
    await this.flush.flush();
    const until = this.clock.now() + this.flush.othersMs;
    for (;;) {
      const record = await this.records.get(namespace, activationId);
      if (record !== undefined) return record;
      if (this.clock.now() >= until) throw rejections.notFound();
      await delay(pollMs);
    }
  }

  /** Sequences and triggers carry their logs in the record; those of actions are in the log store. */
  async #withLogs(namespace: string, activationId: string, record: string): Promise<string> {
    if (memberText(record, 'logs') !== '[]' || !collectsLogs(record)) return record;
    const lines = await this.#settledLines(namespace, activationId, record);
    return lines.length === 0 ? record : withMemberText(record, 'logs', JSON.stringify(lines));
  }

  async #settledLines(namespace: string, activationId: string, record: string): Promise<string[]> {
    const { logSettleMs } = this.limits;
    const endedAt = Number(memberText(record, 'end') ?? 0);
    const remainingMs = Math.min(logSettleMs, logSettleMs - (this.clock.wallMs() - endedAt));
    const until = this.clock.now() + remainingMs;
    for (;;) {
      const lines = await this.logs.read(namespace, activationId);
      if (lines.length > 0 || this.clock.now() >= until) return lines;
      await delay(pollMs);
    }
  }
}
