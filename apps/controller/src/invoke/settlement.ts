// How one activation ends, as its controller sees it. Pure: something happened in, what has to be done out.
//
// Guarantees: its outcome is taken once, whatever comes afterwards; whoever waits for it is answered once; an id that was given out (202, or a
// row of the queue) ends as a record, or goes back whole to the queue that gave it; what was neither begun nor promised leaves no record.
import type { Limits } from '#limits';
import type { Origin } from './forwarding';
import { type Attempts, mayRunAgain } from './retries';

export type Verdict =
  | 'record' // compose the record and journal it; then ask `told`
  | 'unavailable' // say that nothing was run; there is no record
  | 'promise' // journal that a record is owed, then answer with the id
  | 'give back' // its row goes back as it was
  | 'again' // its row goes back for another attempt
  | 'none';

/** What is known of an end. */
export interface End {
  /** /init or /run may have been sent. */
  readonly isBegun: boolean;
  /** Nobody knows how far the action came (retries.ts). */
  readonly isLoss: boolean;
  /** Since its accept. */
  readonly ageMs: number;
}

export class Settlement {
  private settled = false;
  private asker: 'waits' | 'answered';

  constructor(
    private readonly origin: Origin,
    /** Of one from the durable queue. */
    readonly attempts: Attempts | undefined,
  ) {
    this.asker = origin === 'queue' ? 'answered' : 'waits';
  }

  /** Nothing more can change its outcome. */
  get isSettled(): boolean {
    return this.settled;
  }

  /** Its outcome is known. */
  ended({ isBegun, isLoss, ageMs }: End, limits: Pick<Limits, 'actionRetriesMaxCount' | 'queueAgeMs'>): Verdict {
    if (this.settled) return 'none';
    this.settled = true;
    const { attempts } = this;
    return isBegun && isLoss && attempts && mayRunAgain(attempts, ageMs, limits) ? 'again' : 'record';
  }

  /** It found no container within its time, or may not wait here, and was not begun. */
  expired(): Verdict {
    if (this.settled) return 'none';
    this.settled = true;
    if (this.origin === 'queue') return 'give back';
    if (this.asker === 'answered') return 'record';
    this.asker = 'answered';
    return 'unavailable';
  }

  /** Its client has waited for as long as it wanted. */
  elapsed(): Verdict {
    // One that is settled is about to be told in this very turn.
    if (this.settled || this.asker === 'answered') return 'none';
    this.asker = 'answered';
    return 'promise';
  }

  /** Its client went away: it goes on, and nobody is told. */
  abandoned(): void {
    this.asker = 'answered';
  }

  /** Another controller keeps the record, or has the row: nothing is owed here. */
  leftToOthers(): void {
    this.settled = true;
  }

  /** The record is in the journal. Whether somebody still waits for it; asked once. */
  told(): boolean {
    const isAwaited = this.asker === 'waits';
    this.asker = 'answered';
    return isAwaited;
  }
}
