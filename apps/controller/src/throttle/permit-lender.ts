// The seam to whoever lends the cluster's permits, and what there is without one: all of a limit for a controller that is alone, or its share of
// it for one of several that have no Redis.
import type { Clock } from '#clock';
import type { Holding } from './held-permits';
import { type Loan, minuteMs } from './rate-window';

export type Rate = 'invocations' | 'fires';

export interface PermitLender {
  /** Whether `lend` and `hold` will be answered; else each controller has its share. */
  readonly isConnected: boolean;
  /** What may be used of a limit without asking; undefined: it has to ask. */
  ownShare(limit: number): number | undefined;
  /** Its part of a limit when an answer does not come. */
  shareOf(limit: number): number;
  /** The clock minute that counts, at this moment of the monotonic clock. */
  minuteAt(nowMs: number): number;
  /** Rejects if there is no answer in time. */
  lend(rate: Rate, namespace: string, wanted: number, limit: number): Promise<Loan>;
  /** `inFlight`: what it cannot hold less than. */
  hold(namespace: string, wanted: number, inFlight: number, limit: number): Promise<Holding>;
  close(): Promise<void>;
}

/** Everything is its own, or its part if several controllers share what nobody lends. */
export class OwnPermits implements PermitLender {
  readonly isConnected = false;
  private readonly offsetMs: number;

  constructor(
    clock: Clock,
    private readonly controllersCount = 1,
  ) {
    this.offsetMs = clock.wallMs() - clock.now();
  }

  ownShare(limit: number): number {
    return this.shareOf(limit);
  }

  shareOf(limit: number): number {
    return Math.ceil(limit / this.controllersCount);
  }

  minuteAt(nowMs: number): number {
    return Math.floor((nowMs + this.offsetMs) / minuteMs);
  }

  lend(): Promise<Loan> {
    return Promise.reject(new Error('throttle: nobody lends'));
  }

  hold(): Promise<Holding> {
    return Promise.reject(new Error('throttle: nobody lends'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
