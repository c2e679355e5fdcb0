// How many invocations of a namespace are in flight here, and whether there may be one more. Pure.
//
// Guarantees: a controller that is alone decides at once. One of several allows what it holds of the cluster's permits; holding is a state, not a
// sum of messages: it says how many it wants to hold, and hears how many it may. What others hold unused, at most a block each, is
// all that may be missing, and they give it back as soon as they do not need it.
import type { Verdict } from './rate-window';

/** How many are held ahead of need: none where the limit is small, so that nothing is kept from others. */
export const heldBlock = (limit: number): number => Math.floor(limit / 16);

/** What a lender says. */
export interface Holding {
  readonly held: number;
  /** What all others hold. */
  readonly elsewhere: number;
}

export class HeldPermits {
  private count = 0;
  private held = 0;
  private elsewhere = 0;

  get inFlight(): number {
    return this.count;
  }

  get holds(): number {
    return this.held;
  }

  /** One more. `own`: what may be in flight here without asking; undefined: only what is held. */
  request(limit: number, own: number | undefined): Verdict {
    if (this.count < Math.min(limit, Math.max(this.held, own ?? 0))) {
      this.count += 1;
      return 'yes';
    }
    return own !== undefined || this.count >= limit ? 'no' : 'ask';
  }

  /** One more that was allowed elsewhere: it runs here now, whatever the limit. */
  force(): void {
    this.count += 1;
  }

  /** One is over. */
  release(): void {
    if (this.count === 0) throw new Error('held permits: released more than was taken');
    this.count -= 1;
  }

  /** How many to hold for what is in flight, for these that wait, and for what comes next; undefined: no more than are held. */
  wanted(limit: number, waiting: number): number | undefined {
    const block = heldBlock(limit);
    const needed = this.count + waiting;
    if (needed < this.held || (needed === this.held && block === 0)) return undefined;
    return Math.max(this.count, Math.min(limit, needed + block));
  }

  /** How many to hold if that is fewer than are held; `isIdle`: nothing was asked for lately. */
  surplus(limit: number, isIdle: boolean): number | undefined {
    const enough = this.count + (isIdle ? 0 : heldBlock(limit));
    return this.held > enough ? enough : undefined;
  }

  /** Before fewer are held: what is given back is used no more, whether or not the lender's answer arrives. */
  giveUp(wanted: number): void {
    this.held = Math.min(this.held, Math.max(wanted, this.count));
  }

  borrowed({ held, elsewhere }: Holding): void {
    this.held = held;
    this.elsewhere = elsewhere;
  }

  /** What the refusal says: those in flight here, and what others hold for theirs. */
  get counted(): number {
    return this.count + this.elsewhere;
  }

  get isUnused(): boolean {
    return this.count === 0 && this.held === 0;
  }
}
