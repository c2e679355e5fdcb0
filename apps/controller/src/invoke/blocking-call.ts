// A blocking invocation from its caller's side: passes the outcome on, or answers with the activation id when the caller's wait is over first.
//
// Guarantee: that answer leaves an `accepted` entry in the journal before it goes out. That the caller gets exactly one answer, and the
// activation one record, is decided by settlement.ts.
import type { Clock } from '#clock';
import { rejections } from '#entity';
import type { DataPath } from './data-path';
import type { FinishedActivation, Invocation, InvocationOwner } from './invocation';

/** How the answer reaches the caller. One of `finished`, `accepted` and `refused` is called, once, and later than the call that began it. */
export interface CallAnswers {
  finished(activation: FinishedActivation): void;
  /** The wait is over: 202 with the id. */
  accepted(activationId: string): void;
  /** Nothing was run and nothing is recorded, e.g. since no container came within the limit: a Rejection that says why. */
  refused(error: unknown): void;
  /** It is answered, or needs no answer any more: the call no longer has to be watched. Before the answer. */
  settled(): void;
  /** It is over, or was not run: it is in flight no more, whoever was told what. Once, last. */
  ended?(): void;
}

/** What a caller may say of an invocation that it has begun. */
export interface CallUnderWay {
  /** The caller's wait is over. */
  elapsed(): void;
  /** The caller went away: it goes on, and nobody is told. */
  abandoned(): void;
}

/** Time beyond the action's own limits after which nothing can be running any more. */
const graceMs = 5_000;

export class BlockingCall implements InvocationOwner, CallUnderWay {
  /** Set by whoever made this, before it is submitted. */
  invocation!: Invocation;

  constructor(
    private readonly path: DataPath,
    private readonly clock: Clock,
    private readonly answers: CallAnswers,
  ) {}

  finished(activation: FinishedActivation, isAwaited: boolean): void {
    if (isAwaited) {
      this.answers.settled();
      this.answers.finished(activation);
    }
    this.answers.ended?.();
  }

  unrun(): void {
    this.answers.settled();
    this.answers.refused(rejections.serverUnavailable());
    this.answers.ended?.();
  }

  elapsed(): void {
    const { invocation } = this;
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

  abandoned(): void {
    this.invocation.settlement.abandoned();
    this.answers.settled();
  }
}
