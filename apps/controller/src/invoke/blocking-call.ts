// A blocking invocation from its client's side: waits for the outcome, and answers 202 with the activation id when the wait is over first.
//
// Guarantee: the client gets exactly one answer; a 202 leaves an `accepted` entry in the journal before it goes out; whatever the client was
// told, the activation ends as one record.
import type { Clock } from '#clock';
import { messages } from '#entity';
import type { DataPath } from './data-path';
import type { FinishedActivation, Invocation, InvocationOwner } from './invocation';
import { whiskError } from './run-outcome';

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
  private isAnswered = false;

  constructor(
    private readonly path: DataPath,
    private readonly clock: Clock,
    private readonly answers: CallAnswers,
  ) {}

  finished(activation: FinishedActivation): void {
    if (this.isAnswered) return;
    this.answered();
    this.answers.finished(activation);
  }

  expired(invocation: Invocation): void {
    if (this.isAnswered) {
      // Its id was given out, so that it owes a record.
      this.path.settle(invocation, whiskError(messages.provisioning), 0);
      return;
    }
    this.answered();
    this.answers.unavailable();
  }

  /** The client's wait is over. */
  elapsed(invocation: Invocation): void {
    // A settled one is about to finish in this very turn.
    if (this.isAnswered || invocation.isSettled) return;
    this.answered();
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

  /** The client went away: the activation goes on, nobody is told. */
  abandoned(): void {
    if (!this.isAnswered) this.answered();
  }

  private answered(): void {
    this.isAnswered = true;
    this.answers.settled();
  }
}
