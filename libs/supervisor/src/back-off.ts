// How long an app that died waits before it is started again. Pure: the length of the life that ended is an argument.
//
// Guarantees: the wait doubles with each death up to a bound, and a life that was long enough to count as stable starts it anew.
import type { Limits } from '#limits';

export class BackOff {
  private nextMs: number;

  constructor(private readonly limits: Pick<Limits, 'restartBackoffMs' | 'restartBackoffMostMs' | 'restartStableMs'>) {
    this.nextMs = limits.restartBackoffMs;
  }

  /** Milliseconds to wait after a life of this length. */
  afterLife(livedMs: number): number {
    if (livedMs >= this.limits.restartStableMs) this.nextMs = this.limits.restartBackoffMs;
    const waitMs = Math.min(this.nextMs, this.limits.restartBackoffMostMs);
    this.nextMs = waitMs * 2;
    return waitMs;
  }
}
