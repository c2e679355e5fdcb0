// How an action that was found is invoked from inside this controller, be it a plain one, a sequence or a conductor: for the REST API, for
// web actions and for rules.
//
// Guarantees: what may not be is thrown before anything is begun, and leaves no trace; afterwards the caller hears exactly once. Whether the
// caller may use the action, and whether it is too often, is the caller's matter.
import type { Clock } from '#clock';
import { type ExecutableAction, type Identity, payloadBytesOf, rejections } from '#entity';
import type { Limits } from '#limits';
import type { QueuedInvocation } from '#store';
import { newActivationId } from './activation-id';
import { BlockingCall, type CallAnswers, type CallUnderWay } from './blocking-call';
import type { Compositions } from './composition/compositions';
import type { DataPath } from './data-path';
import { Invocation } from './invocation';
import { templateFor } from './invocation-templates';
import { argumentsText, type ParsedPayload } from './payload';
import type { QueuedInvocations } from './queued-invocations';
import type { Recorder } from './recorder';

export class Invoker {
  constructor(
    private readonly path: DataPath,
    private readonly recorder: Pick<Recorder, 'accepts'>,
    private readonly queued: Pick<QueuedInvocations, 'accept' | 'rowOf'>,
    private readonly compositions: Pick<Compositions, 'call' | 'check'>,
    private readonly limits: Pick<Limits, 'overflowWaitMs' | 'payloadBytes' | 'parametersBytes'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Begins a blocking invocation; its outcome goes to `answers`, later. Throws a Rejection if nothing is begun: 400 for a payload that
   * defines a final parameter, 413 for one that is too large with the action's parameters, 503 where there is no room. The caller watches its own wait, and ends it by `elapsed`.
   */
  begin(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
    answers: CallAnswers,
  ): CallUnderWay {
    if (!this.recorder.accepts) throw rejections.serverUnavailable();
    if (action.composition !== undefined)
      return this.compositions.call(action, identity, transactionId, payload, answers);
    const value = argumentsText(action, payload, payloadBytesOf(identity.limits, this.limits));
    const call = new BlockingCall(this.path, this.clock, answers);
    const acceptedAtMs = this.clock.wallMs();
    call.invocation = new Invocation(
      templateFor(action, identity),
      newActivationId(acceptedAtMs),
      transactionId,
      payload,
      value,
      acceptedAtMs,
      this.clock.now(),
      this.limits.overflowWaitMs,
      call,
      undefined,
    );
    if (!this.path.submit(call.invocation)) throw rejections.serverUnavailable();
    return call;
  }

  /** Accepts a non-blocking invocation: resolves with its id once it is durable. Throws as `begin` does. */
  async accept(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
  ): Promise<string> {
    await this.check(action, identity, payload);
    return this.queued.accept(action, identity, transactionId, payload);
  }

  /** A non-blocking invocation for whoever stores it together with something else. Throws as `accept` does. */
  async prepare(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
  ): Promise<QueuedInvocation> {
    await this.check(action, identity, payload);
    return this.queued.rowOf(action, identity, transactionId, payload);
  }

  private async check(action: ExecutableAction, identity: Identity, payload: ParsedPayload): Promise<void> {
    if (action.composition === undefined) {
      argumentsText(action, payload, payloadBytesOf(identity.limits, this.limits));
    } else await this.compositions.check(action, identity, payload);
    if (!this.recorder.accepts) throw rejections.serverUnavailable();
  }
}
