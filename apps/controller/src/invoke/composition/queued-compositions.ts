// Compositions of the durable queue: started, kept from being swept while they run, settled.
//
// Guarantees: its row is `started` before the first component is begun, so none is carried out twice; while this controller lives and reaches
// the store, nobody else takes it for lost; when this controller is lost, the others know within `claimLeaseMs` + `sweepGraceMs`.
import type { ExecutableAction, Identity } from '#entity';
import type { Limits } from '#limits';
import type { ClaimedInvocation, InvocationQueue } from '#store';
import type { Logger } from '#telemetry';
import type { ParsedPayload } from '../payload';
import type { Attempts } from '../retries';
import type { Compositions } from './compositions';
import type { Response } from './frame';
import type { CompositionOwner } from './running-composition';

/** What the queue does with a row. */
export interface RowEnds {
  /** It has a record, or is somebody else's. */
  done(activationId: string): void;
  giveBack(activationId: string, attempt: number): void;
  /** Back into the queue for another attempt; `orElse` if that cannot be. */
  again(row: ClaimedInvocation, orElse: () => void): void;
}

/** What is known of a claimed row that can be run. */
export interface RunnableRow {
  readonly row: ClaimedInvocation;
  readonly action: ExecutableAction;
  readonly identity: Identity;
  readonly transactionId: string;
  readonly payload: ParsedPayload;
  readonly attempts: Attempts;
}

export class QueuedCompositions {
  /** Activation id -> attempt. */
  private readonly started = new Map<string, number>();

  constructor(
    private readonly ownerId: string,
    private readonly queue: Pick<InvocationQueue, 'start' | 'prolong'>,
    private readonly compositions: Compositions,
    private readonly ends: RowEnds,
    private readonly limits: Pick<Limits, 'claimLeaseMs'>,
    private readonly logger: Logger,
  ) {}

  begin({ row, action, identity, transactionId, payload, attempts }: RunnableRow): void {
    const { activationId, attempt, ageMs } = row;
    const { ends } = this;
    if (this.compositions.isFull) return ends.giveBack(activationId, attempt);
    this.queue.start(this.ownerId, [{ activationId, attempt, timeLimitMs: this.limits.claimLeaseMs }]).then(
      ([holds]) => {
        // Someone else has it now, and will record it.
        if (!holds) return ends.done(activationId);
        this.started.set(activationId, attempt);
        const claim = { owner: this.ownerId, attempt };
        const queued = { activationId, claim, attempts, ageMs };
        this.compositions.begin(action, identity, transactionId, payload, queued, this.owner(row));
      },
      (error: unknown) => {
        this.logger.warn({ err: error }, `activation ${activationId}: start not stored, waits again`);
        ends.giveBack(activationId, attempt);
      },
    );
  }

  /** The record of one that will not be begun. */
  recordUnrun(
    { row, action, identity, attempts }: Omit<RunnableRow, 'transactionId' | 'payload'>,
    response: Response,
  ): void {
    const { activationId, acceptedAt: start, attempt } = row;
    const facts = { action, activationId, cause: undefined, start, waitTimeMs: 0 };
    const claim = { owner: this.ownerId, attempt };
    this.compositions.recordUnrun(facts, identity, response, claim, attempts, () => this.ends.done(activationId));
  }

  /** To be called often enough that a lease does not run out: a third of it. */
  async renew(): Promise<void> {
    if (this.started.size === 0) return;
    const rows = Array.from(this.started, ([activationId, attempt]) => ({ activationId, attempt }));
    await this.queue.prolong(this.ownerId, rows, this.limits.claimLeaseMs);
  }

  private owner(row: ClaimedInvocation): CompositionOwner {
    const { activationId } = row;
    return {
      finished: () => {
        this.started.delete(activationId);
        this.ends.done(activationId);
      },
      again: (record) => {
        this.started.delete(activationId);
        this.ends.again(row, record);
      },
    };
  }
}
