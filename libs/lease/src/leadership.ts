// Leadership as a pure machine: what happened and when in, what to do out. It knows neither lock nor timer.
//
// Guarantees: it says `lead` only with a lease that was asked for, and `holds` is true only while the monotonic clock is before
// (time before the last successful request was sent) + lease. So a leader that was stopped for longer than its lease does nothing
// more, whatever the lock's own clock says. It does not promise that no other leader exists; epochs are for that.
// Losing the lease is an ending: one `end`, after which it is a candidate with nothing left of what it was but the highest epoch that
// it has heard of: it asks for one above that, so that a lock whose store has lost its data costs one change of leader and no more.
import { epochMost } from '#protocol';

export interface LeadershipSettings {
  /** Infinity: nothing expires and nothing is renewed. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** Between two attempts of a candidate. */
  readonly tryMs: number;
}

export type LeadershipInput =
  | { readonly kind: 'tick' }
  | { readonly kind: 'acquired'; readonly askedMs: number; readonly epoch: bigint }
  /** `againInMs`: it may be free then, which is sooner than the next attempt. */
  | { readonly kind: 'not-acquired'; readonly againInMs?: number | undefined }
  | { readonly kind: 'renewed'; readonly askedMs: number }
  /** Another holds it. */
  | { readonly kind: 'lost' }
  /** The request failed; nothing is known. */
  | { readonly kind: 'unknown' }
  /** Somebody has seen this epoch. */
  | { readonly kind: 'heard'; readonly epoch: bigint }
  | { readonly kind: 'lifted'; readonly epoch: bigint }
  /** It was not lifted: the lock is lost for certain, or nothing is known. */
  | { readonly kind: 'not-lifted'; readonly isLost: boolean }
  /** An operator wants another leader. */
  | { readonly kind: 'step-down' };

export type LeadershipEffect =
  /** Under an epoch above that one. */
  | { readonly kind: 'acquire'; readonly above: bigint }
  | { readonly kind: 'renew' }
  | { readonly kind: 'lift'; readonly above: bigint }
  /** It was acquired too late to lead with it: let go of it, or it can never be acquired again. */
  | { readonly kind: 'release' }
  /** Leads from now on. */
  | { readonly kind: 'lead'; readonly epoch: bigint }
  /** Leads on with a higher epoch: close all streams, take every inventory again. */
  | { readonly kind: 'raise'; readonly epoch: bigint }
  | { readonly kind: 'end'; readonly why: string };

interface Leading {
  epoch: bigint;
  heldUntilMs: number;
  lifting: boolean;
}

export class Leadership {
  private leading: Leading | undefined;
  /** An acquire or renew without an answer yet. */
  private isAsking = false;
  private nextAskMs = -Infinity;
  /** Highest epoch that was heard of, and believable. */
  private heardMost = 0n;

  constructor(private readonly settings: LeadershipSettings) {
    const { leaseMs, renewMs } = settings;
    if (renewMs * 2 > leaseMs) {
      throw new Error(
        `leadership: renewing every ${renewMs} ms a lease of ${leaseMs} ms survives no lost renewal; renew twice as often.`,
      );
    }
  }

  /** The epoch while leading. */
  get epoch(): bigint | undefined {
    return this.leading?.epoch;
  }

  /** Whether anything may be done in the name of this leadership at this moment. */
  holds(nowMs: number): boolean {
    return this.leading !== undefined && nowMs < this.leading.heldUntilMs;
  }

  handle(input: LeadershipInput, nowMs: number): LeadershipEffect[] {
    const expired = this.leading && nowMs >= this.leading.heldUntilMs ? this.end('its lease has lapsed') : [];
    return [...expired, ...this.apply(input, nowMs)];
  }

  private apply(input: LeadershipInput, nowMs: number): LeadershipEffect[] {
    switch (input.kind) {
      case 'tick':
        return this.ask(nowMs);
      case 'acquired':
        return this.acquired(input.askedMs, input.epoch, nowMs);
      case 'renewed':
        this.isAsking = false;
        if (this.leading)
          this.leading.heldUntilMs = Math.max(this.leading.heldUntilMs, input.askedMs + this.settings.leaseMs);
        return [];
      case 'not-acquired':
        this.isAsking = false;
        this.nextAskMs = Math.min(this.nextAskMs, nowMs + (input.againInMs ?? Infinity));
        return [];
      case 'unknown':
        this.isAsking = false;
        return [];
      case 'lost':
        this.isAsking = false;
        return this.leading ? this.end('it does not hold the lock any more') : [];
      case 'heard':
        return this.heard(input.epoch);
      case 'lifted':
        return this.lifted(input.epoch);
      case 'not-lifted':
        if (!this.leading) return [];
        if (input.isLost) return this.end('it does not hold the lock any more');
        this.leading.lifting = false;
        return [];
      case 'step-down':
        return this.stepDown(nowMs);
    }
  }

  private ask(nowMs: number): LeadershipEffect[] {
    if (this.isAsking || nowMs < this.nextAskMs) return [];
    if (!this.leading) {
      this.isAsking = true;
      this.nextAskMs = nowMs + this.settings.tryMs;
      return [{ kind: 'acquire', above: this.heardMost }];
    }
    if (this.settings.leaseMs === Infinity) return [];
    this.isAsking = true;
    this.nextAskMs = nowMs + this.settings.renewMs;
    return [{ kind: 'renew' }];
  }

  private acquired(askedMs: number, epoch: bigint, nowMs: number): LeadershipEffect[] {
    this.isAsking = false;
    const heldUntilMs = askedMs + this.settings.leaseMs;
    if (this.leading) return [];
    if (nowMs >= heldUntilMs) return [{ kind: 'release' }];
    this.leading = { epoch, heldUntilMs, lifting: false };
    this.nextAskMs = askedMs + this.settings.renewMs;
    return [{ kind: 'lead', epoch }, ...this.heard(epoch)];
  }

  private heard(epoch: bigint): LeadershipEffect[] {
    if (epoch > this.heardMost && epoch <= epochMost) this.heardMost = epoch;
    const { leading } = this;
    if (!leading || leading.lifting || this.heardMost <= leading.epoch) return [];
    leading.lifting = true;
    return [{ kind: 'lift', above: this.heardMost }];
  }

  private lifted(epoch: bigint): LeadershipEffect[] {
    const { leading } = this;
    if (!leading) return [];
    leading.lifting = false;
    if (epoch <= leading.epoch) return [];
    leading.epoch = epoch;
    return [{ kind: 'raise', epoch }, ...this.heard(epoch)];
  }

  /** The others are given one lease to take over before it tries again. */
  private stepDown(nowMs: number): LeadershipEffect[] {
    if (!this.leading) return [];
    const { leaseMs, tryMs } = this.settings;
    const effects = this.end('an operator asked for it');
    this.nextAskMs = nowMs + (leaseMs === Infinity ? tryMs : leaseMs);
    return effects;
  }

  private end(why: string): LeadershipEffect[] {
    this.leading = undefined;
    this.nextAskMs = -Infinity;
    return [{ kind: 'end', why }];
  }
}
