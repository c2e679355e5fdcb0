// A blocking composition from its caller's side: passes the outcome on, or answers with the activation id when the caller's wait is over first.
//
// Guarantee: as for a plain action (blocking-call.ts), one answer, and an id that was given out is owed in the journal before it goes out.
import { rejections } from '#entity';
import type { CallAnswers, CallUnderWay } from '../blocking-call';
import type { FinishedActivation } from '../invocation';
import { Settlement } from '../settlement';
import type { CompositionOwner, RunningComposition } from './running-composition';

export class BlockingComposition implements CompositionOwner, CallUnderWay {
  private readonly settlement = new Settlement('client', undefined);
  private composition: RunningComposition | undefined;
  /** Nobody waits for it any more, and it was not begun. */
  private isGivenUp = false;
  private isOwed = false;
  private isPromised = false;

  constructor(
    private readonly answers: CallAnswers,
    /** Throws a Rejection where there is no room. */
    private readonly make: (owner: CompositionOwner, settlement: Settlement) => RunningComposition,
  ) {}

  /** At once, or once it is checked. Throws what `make` throws, or tells it later. */
  start(payload: string, checked: Promise<void> | undefined): void {
    if (!checked) return this.begin(payload);
    checked
      .then(() => {
        if (!this.isGivenUp) this.begin(payload);
      })
      .catch((error: unknown) => this.refuse(error));
  }

  finished(activation: FinishedActivation, isAwaited: boolean): void {
    if (isAwaited) {
      this.answers.settled();
      this.answers.finished(activation);
    }
    this.answers.ended?.();
  }

  elapsed(): void {
    if (!this.composition) return this.refuse(rejections.serverUnavailable());
    if (this.settlement.elapsed() !== 'promise') return;
    this.answers.settled();
    this.isPromised = true;
    if (this.isOwed) this.answers.accepted(this.composition.activationId);
  }

  abandoned(): void {
    this.isGivenUp = true;
    this.settlement.abandoned();
    this.answers.settled();
    if (!this.composition) this.answers.ended?.();
  }

  private begin(payload: string): void {
    const composition = this.make(this, this.settlement);
    this.composition = composition;
    composition.begin(payload, () => {
      this.isOwed = true;
      if (this.isPromised) this.answers.accepted(composition.activationId);
    });
  }

  /** Nothing was begun. */
  private refuse(error: unknown): void {
    if (this.isGivenUp) return;
    this.isGivenUp = true;
    this.answers.settled();
    this.answers.refused(error);
    this.answers.ended?.();
  }
}
