// Non-blocking invocations: accepted into the durable queue, claimed in a small window, run through the same data path.
//
// Guarantees: the row is committed before `accept` resolves; `started` is committed before the first byte to a container; the record and
// the row's settlement are one transaction; what is claimed and cannot run here goes back; what a dead incarnation of this controller had
// started is run again if its action asks for that (retries.ts), and else settled as a whisk internal error, as is what waited longer than
// the queue's maximum age, and a row that cannot be read: it keeps no other from its end. What its action would refuse by now, were it
// invoked again, ends as an application error that says so.
import type { Clock } from '#clock';
import {
  activationStatus,
  type EntityName,
  type ExecutableAction,
  type Identity,
  messages,
  payloadBytesOf,
  referenceOf,
  Rejection,
  rejections,
} from '#entity';
import type { Limits } from '#limits';
import type { Seal } from '#seal';
import type { ClaimedInvocation, InvocationQueue, QueuedInvocation } from '#store';
import type { Logger } from '#telemetry';
import { newActivationId } from './activation-id';
import { Batches } from './batches';
import { ClaimWindow } from './claim-window';
import type { Compositions } from './composition/compositions';
import { QueuedCompositions } from './composition/queued-compositions';
import type { DataPath } from './data-path';
import { Invocation, type InvocationOwner } from './invocation';
import { templateFor } from './invocation-templates';
import { attemptsOf, type LostStartsParts, settleLostStarts } from './lost-starts';
import { argumentsText, payloadOf, type ParsedPayload } from './payload';
import {
  placeholderAction,
  type QueuedFormat,
  queuedOf,
  queuedText,
  recordedIdentity,
  runnableOf,
} from './queued-format';
import type { Attempts } from './retries';
import { RowsInFlight } from './rows-in-flight';
import { type RunOutcome, whiskError } from './run-outcome';

export const tooOldText = 'The activation waited longer than the queue allows and was not run.';
export const lostAndTooOldText =
  'The activation was lost, then waited longer than the queue allows and was not run again.';

export const unreadableText =
  'The activation was accepted but cannot be read any more, or under another cluster secret, and was not run.';

/** The action that a name means for a namespace. */
type ResolveAction = (caller: string, name: EntityName) => Promise<ExecutableAction>;

/** Rows that are looked after at once. */
const doubtfulMost = 500;

export class QueuedInvocations implements InvocationOwner {
  private readonly window: ClaimWindow;
  private readonly enqueuing: Batches<QueuedInvocation>;
  private poll: NodeJS.Timeout | undefined;
  private renewal: NodeJS.Timeout | undefined;
  /** `controller0/17` */
  private readonly ownerId: string;
  private readonly compositions: QueuedCompositions;
  private readonly lostStarts: LostStartsParts;

  constructor(
    private readonly controllerId: string,
    private readonly incarnation: bigint,
    private readonly path: DataPath,
    private readonly queue: InvocationQueue,
    records: Pick<LostStartsParts, 'activations' | 'refused'>,
    private readonly resolveAction: ResolveAction,
    private readonly seal: Seal,
    private readonly limits: Limits,
    private readonly clock: Clock,
    private readonly logger: Logger,
    compositions: Compositions,
    private readonly inFlight = new RowsInFlight({ force: () => undefined, release: () => undefined }),
  ) {
    this.ownerId = `${controllerId}/${incarnation}`;
    this.window = new ClaimWindow(limits);
    this.lostStarts = { queue, ...records, limits, logger };
    this.enqueuing = new Batches(limits.recordBatchCount, (rows) => queue.enqueue(rows, limits.queueRowsCount));
    const ends = {
      done: (activationId: string) => this.finished({ activationId }),
      giveBack: (activationId: string, attempt: number) => this.giveBack(activationId, attempt),
      again: (row: ClaimedInvocation, orElse: () => void) =>
        this.runAgain(row.activationId, row.attempt, row.lost, orElse),
    };
    this.compositions = new QueuedCompositions(this.ownerId, queue, compositions, ends, limits, logger);
  }

  /** Resolves with the activation id once the row is stored. Throws 503 when the queue is full. */
  async accept(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
  ): Promise<string> {
    const row = this.rowOf(action, identity, transactionId, payload);
    if (!(await this.enqueuing.add(row))) throw rejections.serverUnavailable();
    this.stored([row]);
    return row.activationId;
  }

  /** An invocation as the store keeps it, with an id that nobody has seen yet. */
  rowOf(action: ExecutableAction, identity: Identity, transactionId: string, payload: ParsedPayload): QueuedInvocation {
    const acceptedAt = this.clock.wallMs();
    return {
      activationId: newActivationId(acceptedAt),
      namespace: identity.namespace,
      acceptedAt,
      invocation: queuedText(action, identity, transactionId, payload.text, this.seal),
    };
  }

  /** Rows came into the queue, of invocations that have been charged. */
  stored(rows: readonly QueuedInvocation[]): void {
    for (const { activationId, namespace } of rows) this.inFlight.accepted(activationId, namespace, this.clock.now());
    this.wake();
  }

  /** Settles what dead incarnations left, then begins to claim. Call after the journal's replay. */
  async start(): Promise<void> {
    const prefix = `${this.controllerId}/`;
    const dead = (await this.queue.owners()).filter(
      (owner) => owner.startsWith(prefix) && BigInt(owner.slice(prefix.length)) < this.incarnation,
    );
    if (dead.length > 0) {
      await settleLostStarts(this.lostStarts, { owners: dead });
      await this.queue.releaseAll(dead);
    }
    this.poll = setInterval(() => this.wake(), this.limits.claimPollMs);
    this.renewal = setInterval(() => void this.renew(), this.limits.claimLeaseMs / 3);
    this.wake();
  }

  /** Claims nothing more; what waits here goes back when it expires or by its claim's end. */
  stop(): void {
    this.window.stop();
    clearInterval(this.poll);
    clearInterval(this.renewal);
  }

  get inHandCount(): number {
    return this.window.size;
  }

  /** Finds rows that were accepted here and are in others' hands by now; the shell calls it now and then. */
  async lookAfterAccepted(): Promise<void> {
    const doubtful = this.inFlight.doubtful(this.clock.now(), this.limits.claimPollMs).slice(0, doubtfulMost);
    if (doubtful.length === 0) return;
    const still = new Set(await this.queue.stillQueued(doubtful));
    for (const activationId of doubtful) if (!still.has(activationId)) this.inFlight.leftToOthers(activationId);
  }

  /** Settles rows that were started long ago by whomever; the shell calls it now and then. */
  async sweep(): Promise<void> {
    await settleLostStarts(this.lostStarts, { overdueGraceMs: this.limits.sweepGraceMs });
  }

  // ---- owner of its invocations ----

  finished({ activationId }: { activationId: string }): void {
    this.window.done(activationId);
    this.inFlight.over(activationId);
    this.wake();
  }

  /** No container came in time, or it is somebody else's: others may have one. */
  unrun(invocation: Invocation): void {
    this.giveBack(invocation.activationId, invocation.claim!.attempt);
  }

  /** Its outcome is not known: it goes back into the queue for another attempt, wherever that is made. */
  again(invocation: Invocation, outcome: RunOutcome, runMs: number): void {
    const { activationId, settlement, claim } = invocation;
    this.runAgain(activationId, claim!.attempt, settlement.attempts!.lost, () =>
      this.path.record(invocation, outcome, runMs),
    );
  }

  private runAgain(activationId: string, attempt: number, lost: number, orElse: () => void): void {
    this.queue.retry(this.ownerId, activationId, attempt).then(
      () => {
        this.logger.info(`activation ${activationId}: lost, and run again (attempt ${lost + 2})`);
        this.finished({ activationId });
      },
      (error: unknown) => {
        this.logger.warn({ err: error }, `activation ${activationId}: lost, and not given back to be run again`);
        orElse();
      },
    );
  }

  private giveBack(activationId: string, attempt: number): void {
    this.inFlight.givenBack(activationId, this.clock.now());
    this.queue.release(this.ownerId, [{ activationId, attempt }]).then(
      () => this.window.done(activationId),
      (error: unknown) => {
        // Its claim runs out by itself.
        this.window.done(activationId);
        this.logger.warn({ err: error }, `activation ${activationId}: claim not given back`);
      },
    );
  }

  private wake(): void {
    const count = this.window.wake(this.ownContainers);
    if (count > 0) void this.claim(count);
  }

  private get ownContainers(): number {
    return this.path.balancer.warm.size;
  }

  private async claim(first: number): Promise<void> {
    try {
      for (let count = first; count > 0; count = this.window.next(this.ownContainers)) {
        const rows = await this.queue.claim(this.ownerId, count, this.limits.claimLeaseMs);
        this.window.took(rows.map(({ activationId }) => activationId));
        for (const { activationId, namespace } of rows) this.inFlight.claimed(activationId, namespace);
        for (const row of rows) void this.begin(row);
      }
    } catch (error) {
      this.window.failed();
      this.logger.warn({ err: error }, 'queue: not claimed; trying again');
    }
  }

  private async begin(row: ClaimedInvocation): Promise<void> {
    const { activationId, attempt } = row;
    try {
      const queued = queuedOf(row);
      if (row.ageMs > this.limits.queueAgeMs)
        return this.settleUnrun(row, queued, row.lost > 0 ? lostAndTooOldText : tooOldText);
      const runnable = runnableOf(queued, this.seal);
      if (!runnable) {
        this.logger.error(`activation ${activationId}: its row cannot be read; it ends as a whisk internal error`);
        return this.settleUnrun(row, queued, unreadableText);
      }
      const { identity, payload } = runnable;
      let action: ExecutableAction;
      try {
        action = await this.resolveAction(identity.namespace, referenceOf(queued.action));
      } catch (error) {
        this.logger.debug({ err: error }, `activation ${activationId}: its action is gone`);
        return this.settleUnrun(row, queued, messages.actionRemoved, activationStatus.applicationError);
      }
      const value = argumentsOrRefusal(action, payload, payloadBytesOf(identity.limits, this.limits));
      if (value instanceof Rejection)
        return this.settleUnrun(row, queued, value.message, activationStatus.applicationError);
      const attempts = attemptsOf(row, queued);
      if (action.composition !== undefined) {
        const { transactionId } = queued;
        return this.compositions.begin({ row, action, identity, transactionId, payload, attempts });
      }
      const invocation = this.invocation(row, action, identity, queued.transactionId, payload, value, attempts);
      if (!this.path.submit(invocation)) this.giveBack(activationId, attempt);
    } catch (error) {
      this.logger.error({ err: error }, `activation ${activationId}: could not be begun; its claim is given back`);
      this.giveBack(activationId, attempt);
    }
  }

  private invocation(
    { activationId, attempt, acceptedAt, ageMs }: ClaimedInvocation,
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
    value: string,
    attempts: Attempts,
  ): Invocation {
    const template = templateFor(action, identity);
    const claim = { owner: this.ownerId, attempt };
    const acceptedMonotonic = this.clock.now() - ageMs;
    // It may wait here for the usual time, counted from now.
    const waitLimitMs = this.limits.overflowWaitMs + Math.floor(ageMs);
    return new Invocation(
      template,
      activationId,
      transactionId,
      payload,
      value,
      acceptedAt,
      acceptedMonotonic,
      waitLimitMs,
      this,
      claim,
      'queue',
      attempts,
    );
  }

  private settleUnrun(
    row: ClaimedInvocation,
    queued: QueuedFormat,
    text: string,
    statusCode: RunOutcome['statusCode'] = activationStatus.whiskInternalError,
  ): void {
    const payload = payloadOf('{}', undefined);
    const action = placeholderAction(queued);
    const attempts = attemptsOf(row, queued);
    const identity = recordedIdentity(queued);
    if (action.composition !== undefined) {
      const response = { ...whiskError(text), statusCode };
      return this.compositions.recordUnrun({ row, action, identity, attempts }, response);
    }
    const invocation = this.invocation(row, action, identity, queued.transactionId, payload, '{}', attempts);
    this.path.settle(invocation, { ...whiskError(text), statusCode }, 0);
  }

  private async renew(): Promise<void> {
    if (this.window.size === 0) return;
    try {
      await this.queue.renew(this.ownerId, this.limits.claimLeaseMs);
      await this.compositions.renew();
    } catch (error) {
      this.logger.warn({ err: error }, 'queue: claims not renewed; trying again');
    }
  }
}

/** Parameters may have been made final, or have grown, since it was accepted. */
function argumentsOrRefusal(action: ExecutableAction, payload: ParsedPayload, bytesMax: number): string | Rejection {
  try {
    return argumentsText(action, payload, bytesMax);
  } catch (error) {
    if (error instanceof Rejection) return error;
    throw error;
  }
}
