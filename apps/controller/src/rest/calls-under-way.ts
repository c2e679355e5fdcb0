// The requests under way that may run an action, whichever route took them: their number, its bound, and the waits of their clients.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { type Deadlined, Deadlines } from '../invoke/deadlines';

/** Somebody who waits for a result. */
export interface WaitingCall extends Deadlined {
  /** The client's wait is over. */
  elapsed(): void;
}

export class CallsUnderWay {
  private readonly waits = new Deadlines<WaitingCall>();
  private count = 0;
  private stopping = false;

  constructor(
    private readonly limits: Pick<Limits, 'invocationsInFlightCount'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Requests between accept and answer. */
  get inFlightCount(): number {
    return this.count;
  }

  /** Nothing more is begun: 503. */
  get isFull(): boolean {
    return this.stopping || this.count > this.limits.invocationsInFlightCount;
  }

  begin(): void {
    this.count += 1;
  }

  over(): void {
    this.count -= 1;
  }

  watch(call: WaitingCall, waitMs: number): void {
    this.waits.add(call, waitMs, this.clock.now());
  }

  unwatch(call: WaitingCall): void {
    this.waits.remove(call);
  }

  /** Answers the waits that are over. */
  tick(now: number): void {
    for (const call of this.waits.expire(now)) call.elapsed();
  }

  /** From now on nothing is begun. */
  stop(): void {
    this.stopping = true;
  }
}
