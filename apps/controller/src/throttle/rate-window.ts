// How often a namespace did something in the clock minute of now, and whether it may do it once more. Pure.
//
// Guarantees: as in OpenWhisk every request counts, also a refused one, and is allowed while no more than the limit were allowed. A controller
// that is alone decides at once. One of several spends permits that it has borrowed ahead of need, of which the cluster has as many
// as the limit in each minute: so no more than the limit are allowed, and what others hold unspent, at most a block each, is all that may
// be missing. Out of permits it neither allows nor refuses: the lender has to be asked.

/** `ask`: the lender has to be asked, then `again`. */
export type Verdict = 'yes' | 'no' | 'ask';

export const minuteMs = 60_000;

/** How many permits are borrowed at once: a sixteenth of the limit, but at least one. */
export const rateBlock = (limit: number): number => Math.max(1, Math.floor(limit / 16));

/** What a lender says; `minute` is the one in which it lent. */
export interface Loan {
  readonly minute: number;
  readonly granted: number;
  /** All that it has lent in that minute, to everybody. */
  readonly lent: number;
}

export class RateWindow {
  private minute = -1;
  private count = 0;
  private allowed = 0;
  private granted = 0;
  private lent = 0;
  /** The lender had no more, of this limit. */
  private exhaustedAt = -1;

  /** One more request. `own`: what may be allowed here without asking; undefined: only what is borrowed. */
  request(minute: number, limit: number, own: number | undefined): Verdict {
    this.roll(minute);
    this.count += 1;
    return this.again(minute, limit, own);
  }

  /** The same request, after the lender has answered. */
  again(minute: number, limit: number, own: number | undefined): Verdict {
    this.roll(minute);
    if (this.allowed < Math.min(limit, Math.max(this.granted, own ?? 0))) {
      this.allowed += 1;
      return 'yes';
    }
    return own !== undefined || this.exhaustedAt >= limit || this.allowed >= limit ? 'no' : 'ask';
  }

  /** How many to borrow now for these that wait and for what comes next; 0: there is enough, or no more to be had. */
  wanted(minute: number, limit: number, waiting: number): number {
    this.roll(minute);
    if (this.exhaustedAt >= limit) return 0;
    const spare = this.granted - this.allowed;
    const block = rateBlock(limit);
    return waiting === 0 && spare * 2 > block ? 0 : Math.max(0, waiting + block - spare);
  }

  borrowed({ minute, granted, lent }: Loan, wanted: number, limit: number): void {
    if (minute < this.minute) return; // The minute is over, and what was lent in it.
    this.roll(minute);
    this.granted += granted;
    this.lent = lent;
    if (granted < wanted) this.exhaustedAt = limit;
  }

  /** What the refusal says: requests of this minute, here and, as far as they were allowed, elsewhere. */
  get counted(): number {
    return this.count + Math.max(0, this.lent - this.granted);
  }

  isOver(minute: number): boolean {
    return this.minute < minute;
  }

  private roll(minute: number): void {
    if (minute <= this.minute) return;
    this.minute = minute;
    this.count = this.allowed = this.granted = this.lent = 0;
    this.exhaustedAt = -1;
  }
}
