// One composition that is carried out: does what composition.ts orders, on the normal path of invocations, and settles what ends.
//
// Guarantees: before anything runs as a part of an activation, an `accepted` entry for that activation is ahead of it in the journal (for a queued
// one its row in the store says the same), so that whoever finds its id in what ran finds a record under it, whatever happens here; each
// composition is recorded once, and the topmost one's owner is told after that.
import { activationStatus, type Identity, memberText, messages, payloadBytesOf } from '#entity';
import { newActivationId } from '../activation-id';
import { type FinishedActivation, Invocation, type InvocationOwner, type QueueClaim } from '../invocation';
import { templateFor } from '../invocation-templates';
import { componentArguments, ResultPayload } from '../payload';
import { attemptNumber } from '../retries';
import { type RunOutcome, whiskError } from '../run-outcome';
import type { Settlement } from '../settlement';
import { Composition, type CompositionEnd, type CompositionStep, type Order } from './composition';
import { compositionRow, lostCompositionRow } from './composition-record';
import type { CompositionParts } from './compositions';
import type { FrameFacts } from './frame';

/** Whose it is. One of the two is called, once. */
export interface CompositionOwner {
  /** The record is in the journal. `isAwaited`: nobody has been answered yet. */
  finished(activation: FinishedActivation, isAwaited: boolean): void;
  /** It was lost, and is to be run again; `record` records it after all. Never for one without attempts. */
  again?(record: () => void): void;
}

export class RunningComposition implements InvocationOwner {
  private readonly composition: Composition;
  private running: Invocation | undefined;
  private isUnrun = false;

  constructor(
    private readonly parts: CompositionParts,
    private readonly facts: FrameFacts,
    private readonly identity: Identity,
    private readonly transactionId: string,
    readonly settlement: Settlement,
    readonly claim: QueueClaim | undefined,
    private readonly owner: CompositionOwner,
  ) {
    this.composition = new Composition(facts, identity.namespace, parts.limits, newActivationId);
  }

  get activationId(): string {
    return this.facts.activationId;
  }

  /** `owed` is called once the journal says that a record is owed. */
  begin(payload: string, owed: () => void): void {
    if (!this.claim) this.owe(this.facts, owed);
    this.perform(this.composition.begin(payload, this.nowMs));
  }

  // ---- owner of what runs for it ----

  finished({ activationId, outcome, record }: FinishedActivation): void {
    const { limits } = this.running!.template.action;
    this.running = undefined;
    const { isUnrun } = this;
    this.isUnrun = false;
    if (isUnrun) return this.perform(this.composition.notRun({ why: 'timed out', activationId }, this.nowMs));
    const durationMs = Number(memberText(record, 'duration') ?? 0);
    const end = { activationId, durationMs, memoryMb: limits.memory, response: outcome };
    this.perform(this.composition.ended(end, this.nowMs));
  }

  /** Its id will be in the composition's logs, so it has a record that says why it did not run. */
  unrun(invocation: Invocation): void {
    this.isUnrun = true;
    this.parts.path.record(invocation, whiskError(messages.provisioning), 0);
  }

  // ---- orders ----

  private get nowMs(): number {
    return this.parts.clock.wallMs();
  }

  private perform(first: CompositionStep): void {
    for (let step: CompositionStep | undefined = first; step;) {
      for (const facts of step.begun) this.owe(facts, nothing);
      for (const end of step.ended) this.parts.recorder.finished(compositionRow(end, this.identity), nothing);
      step = this.carryOut(step.order);
    }
  }

  /** Answers the next step if it is known at once. */
  private carryOut(order: Order): CompositionStep | undefined {
    if (order.next === 'run') return this.run(order);
    if (order.next === 'find') return this.find(order);
    this.end(order.end);
    return undefined;
  }

  private find({ name, isChecked }: Extract<Order, { next: 'find' }>): CompositionStep | undefined {
    const { components } = this.parts;
    const caller = this.identity.namespace;
    const known = components.peek(caller, name);
    if (known) return this.composition.found(known, this.nowMs);
    components.find(caller, name, isChecked).then(
      (found) => {
        const { composition, nowMs } = this;
        this.perform(typeof found === 'string' ? composition.notFound(found, nowMs) : composition.found(found, nowMs));
      },
      (error: unknown) => {
        this.parts.logger.error({ err: error }, `activation ${this.activationId}: a component could not be read`);
        this.perform(this.composition.notFound('unreadable', this.nowMs));
      },
    );
    return undefined;
  }

  private run({ action, payload: text, cause }: Extract<Order, { next: 'run' }>): CompositionStep | undefined {
    const { path, clock, limits } = this.parts;
    const payload = new ResultPayload(text);
    const value = componentArguments(action, payload, payloadBytesOf(this.identity.limits, limits));
    const acceptedAtMs = this.nowMs;
    if (value !== undefined) {
      const invocation = new Invocation(
        templateFor(action, this.identity),
        newActivationId(acceptedAtMs),
        this.transactionId,
        payload,
        value,
        acceptedAtMs,
        clock.now(),
        limits.overflowWaitMs,
        this,
        undefined,
        'client',
        undefined,
        cause,
      );
      this.running = invocation;
      if (path.submit(invocation)) return undefined;
      this.running = undefined;
    }
    return this.composition.notRun({ why: 'failed' }, acceptedAtMs);
  }

  // ---- ends ----

  private end(end: CompositionEnd): void {
    const { settlement, parts } = this;
    const isLoss = end.response.statusCode === activationStatus.whiskInternalError;
    const { start, waitTimeMs } = this.facts;
    const ageMs = Math.max(0, end.end - start + waitTimeMs);
    const record = (): void => this.record(end);
    const verdict = settlement.ended({ isBegun: true, isLoss, ageMs }, parts.limits);
    if (verdict !== 'again') return record();
    this.owner.again?.(record);
    parts.over(this);
  }

  private record(end: CompositionEnd): void {
    const { parts, settlement, activationId } = this;
    const row = compositionRow(end, this.identity, this.claim, attemptNumber(settlement.attempts));
    const outcome: RunOutcome = { ...end.response, timedOut: false, keepsContainer: true };
    parts.recorder.finished(row, () => {
      parts.over(this);
      this.owner.finished({ activationId, outcome, record: row.record }, settlement.told());
    });
  }

  /** It is over for good when its controller is: nobody else can carry it on. */
  private owe(facts: FrameFacts, owed: () => void): void {
    const row = lostCompositionRow(facts, this.identity);
    const { namespace, activationId, acceptedAt } = row;
    this.parts.recorder.owed({ type: 'accepted', namespace, activationId, acceptedAt, overAt: acceptedAt, row }, owed);
  }
}

const nothing = (): void => undefined;
