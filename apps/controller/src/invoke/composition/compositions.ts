// All compositions that are under way in this controller.
//
// Guarantee: never more than `compositionsInFlightCount`; what is beyond is refused before it has an id, or stays in the queue.
import type { Clock } from '#clock';
import { type ExecutableAction, type Identity, rejections } from '#entity';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import { newActivationId } from '../activation-id';
import type { CallAnswers, CallUnderWay } from '../blocking-call';
import type { DataPath } from '../data-path';
import type { QueueClaim } from '../invocation';
import { checkPayload, type ParsedPayload } from '../payload';
import type { Recorder } from '../recorder';
import { attemptNumber, type Attempts } from '../retries';
import { Settlement } from '../settlement';
import { BlockingComposition } from './blocking-composition';
import { compositionRow } from './composition-record';
import type { Components } from './components';
import type { FrameFacts, Response } from './frame';
import { type CompositionOwner, RunningComposition } from './running-composition';
import { componentsOf } from './sequence-frame';

/** What each of them needs of the controller. */
export interface CompositionParts {
  readonly path: Pick<DataPath, 'submit' | 'record'>;
  readonly recorder: Pick<Recorder, 'finished' | 'owed'>;
  readonly components: Components;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** It has ended. */
  over(composition: RunningComposition): void;
}

/** One of the durable queue. */
export interface QueuedComposition {
  readonly activationId: string;
  readonly claim: QueueClaim;
  readonly attempts: Attempts;
  /** Since its accept. */
  readonly ageMs: number;
}

export class Compositions {
  private readonly running = new Set<RunningComposition>();
  private readonly parts: CompositionParts;

  constructor(parts: Omit<CompositionParts, 'over'>) {
    this.parts = { ...parts, over: (composition) => this.running.delete(composition) };
  }

  get count(): number {
    return this.running.size;
  }

  /** Nothing more is begun. */
  get isFull(): boolean {
    return this.running.size >= this.parts.limits.compositionsInFlightCount;
  }

  /**
   * Throws the 400 of a payload that may not be. Resolves, or answers undefined for at once, if the caller may use all components of a
   * sequence, else rejects with the 403 or 404 of one.
   */
  check(action: ExecutableAction, identity: Identity, payload: ParsedPayload): Promise<void> | undefined {
    checkPayload(action, payload);
    return action.composition === 'sequence'
      ? this.parts.components.mayUseAll(identity, componentsOf(action))
      : undefined;
  }

  /** Begins a blocking one. Throws a Rejection if nothing is begun, or tells it later. */
  call(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
    answers: CallAnswers,
  ): CallUnderWay {
    const checked = this.check(action, identity, payload);
    const call = new BlockingComposition(answers, (owner, settlement) => {
      if (this.isFull) throw rejections.serverUnavailable();
      const start = this.parts.clock.wallMs();
      const facts = { action, activationId: newActivationId(start), cause: undefined, start, waitTimeMs: 0 };
      return this.make(facts, identity, transactionId, settlement, undefined, owner);
    });
    call.start(payload.text, checked);
    return call;
  }

  /** Begins one whose row has been started. */
  begin(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
    { activationId, claim, attempts, ageMs }: QueuedComposition,
    owner: CompositionOwner,
  ): void {
    const facts = {
      action,
      activationId,
      cause: undefined,
      start: this.parts.clock.wallMs(),
      waitTimeMs: Math.round(ageMs),
    };
    const settlement = new Settlement('queue', attempts);
    this.make(facts, identity, transactionId, settlement, claim, owner).begin(payload.text, () => undefined);
  }

  /** Records one that is not begun any more. */
  recordUnrun(
    facts: FrameFacts,
    identity: Identity,
    response: Response,
    claim: QueueClaim,
    attempts: Attempts,
    told: () => void,
  ): void {
    const end = { facts, end: facts.start, durationMs: 0, memoryMb: facts.action.limits.memory, logs: [], response };
    this.parts.recorder.finished(compositionRow(end, identity, claim, attemptNumber(attempts)), told);
  }

  private make(
    facts: FrameFacts,
    identity: Identity,
    transactionId: string,
    settlement: Settlement,
    claim: QueueClaim | undefined,
    owner: CompositionOwner,
  ): RunningComposition {
    const composition = new RunningComposition(this.parts, facts, identity, transactionId, settlement, claim, owner);
    this.running.add(composition);
    return composition;
  }
}
