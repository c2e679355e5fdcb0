// Sends planned requests when they are due: sleeps while there is time and turns over the event loop for the last millisecond and a half, since a timer of
// Node is late by one. Above some 600 requests a second that is all the time and takes a whole processor; who cannot spare it says so, and is late by up to
// a millisecond instead.
//
// Guarantees: in order, each once, never before it is due; a request that is late is sent at once and none is left out; answers are read between any two turns.
import type { Clock } from '#clock';

/** What has a time; milliseconds from the pacer's origin. */
export interface Timed {
  readonly atMs: number;
}

/** Timers of the event loop are late by up to this. */
export const timerSlackMs = 1.5;
/** Sent in one turn at most, so that a pacer that is behind still lets answers in. */
const perTurnMost = 64;

export class Pacer<T extends Timed> {
  private next: T | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;
  private isStopped = false;

  constructor(
    private readonly items: Iterator<T>,
    /** Time of atMs 0 by the clock. */
    private readonly originMs: number,
    private readonly clock: Clock,
    private readonly send: (item: T) => void,
    private readonly ended: () => void,
    /** How long before a request is due it stops sleeping. */
    private readonly slackMs: number = timerSlackMs,
  ) {
    this.advance();
    // Not at once: who makes a pacer wants to have it first.
    this.turn = setImmediate(this.run);
  }

  /** Sends nothing more; `ended` is not called. */
  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    clearImmediate(this.turn);
  }

  private advance(): void {
    const step = this.items.next();
    this.next = step.done ? undefined : step.value;
  }

  private readonly run = (): void => {
    if (this.isStopped) return;
    let now = this.clock.now() - this.originMs;
    for (let sent = 0; this.next && this.next.atMs <= now && sent < perTurnMost; sent += 1) {
      this.send(this.next);
      this.advance();
      now = this.clock.now() - this.originMs;
    }
    if (this.isStopped) return;
    if (!this.next) return this.ended();
    const restMs = this.next.atMs - now - this.slackMs;
    if (restMs > 0) this.timer = setTimeout(this.run, this.slackMs > 0 ? Math.floor(restMs) : Math.ceil(restMs));
    else this.turn = setImmediate(this.run);
  };
}
