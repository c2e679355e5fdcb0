// A blocking invocation from its client's side: passes the outcome on, or answers 202 with the activation id when the client's wait is over first.
//
// Guarantee: a 202 leaves an `accepted` entry in the journal before it goes out. That the client gets exactly one answer, and the activation one
// record, is decided by settlement.ts.
import type { Clock } from '#clock';
import type { DataPath } from './data-path';
import type { FinishedActivation, Invocation, InvocationOwner } from './invocation';

/** How the answer reaches the client. Each is called at most once, and only one of them. */
export interface CallAnswers {
  finished(activation: FinishedActivation): void;
  /** The wait is over: 202 with the id. */
  accepted(activationId: string): void;
  /** No container within the limit: 503. */
  unavailable(): void;
  /** It is answered, or needs no answer any more: the call no longer has to be watched. Before the answer. */
  settled(): void;
}

/** Time beyond the action's own limits after which nothing can be running any more. */
const graceMs = 5_000;

export class BlockingCall implements InvocationOwner {
  constructor(
    private readonly path: DataPath,
    private readonly clock: Clock,
    private readonly answers: CallAnswers,
  ) {}

  finished(activation: FinishedActivation, isAwaited: boolean): void {
    if (!isAwaited) return;
    this.answers.settled();
    this.answers.finished(activation);
  }

  unrun(): void {
    this.answers.settled();
    this.answers.unavailable();
  }

  /** The client's wait is over. */
  elapsed(invocation: Invocation): void {
    if (invocation.settlement.elapsed() !== 'promise') return;
    this.answers.settled();
    const { activationId, acceptedAtMs, waitLimitMs, template } = invocation;
    const overAt = this.clock.wallMs() + waitLimitMs + 2 * template.action.limits.timeout + graceMs;
    this.path.owed(
      {
        type: 'accepted',
        namespace: template.identity.namespace,
        activationId,
        acceptedAt: acceptedAtMs,
        overAt,
        row: this.path.unrunRecord(invocation),
      },
      () => this.answers.accepted(activationId),
    );
  }

  /** The client went away. */
  abandoned(invocation: Invocation): void {
    invocation.settlement.abandoned();
    this.answers.settled();
  }
}
