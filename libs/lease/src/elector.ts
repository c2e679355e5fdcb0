// Runs the leadership machine against a lock: asks when it says so, measures time before each request, hands out the AbortSignal.
import type { Clock } from '#clock';
import { epochMost } from '#protocol';
import type { Logger } from '#telemetry';
import type { LeaderLock, LeaderRecord } from './leader-lock';
import { Leadership, type LeadershipEffect, type LeadershipInput } from './leadership';

/** What a leader is made of. Called synchronously, in this order: lead, any number of raise, and then the signal aborts. */
export interface Leader {
  /** Everything that it does ends with the signal. */
  lead(epoch: bigint, signal: AbortSignal): void;
  /** The epoch was lifted above one that was heard. */
  raise(epoch: bigint): void;
  /** Another leads, and this process waits to take over. Called each time that it is found to be so. */
  standBy?(): void;
}

/** How often a start looks whether it leads. */
const shortMs = 5;

export interface ElectorSettings {
  readonly renewMs: number;
  readonly tryMs: number;
  /** How long a start waits for a lock whose candidates do not wait. */
  readonly refuseAfterMs: number;
}

export class Elector {
  private readonly leadership: Leadership;
  private reign: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private isStopped = false;
  private failure: Error | undefined;
  /** What was said last of the lock or of the one who holds it; each is said once, not at each attempt. */
  private complaint = '';

  constructor(
    private readonly lock: LeaderLock,
    private readonly candidate: Leader,
    private readonly clock: Clock,
    private readonly settings: ElectorSettings,
    private readonly logger: Logger,
  ) {
    this.leadership = new Leadership({ leaseMs: lock.leaseMs, renewMs: settings.renewMs, tryMs: settings.tryMs });
  }

  /**
   * Resolves when this process leads, or is a candidate of a lock that candidates wait for. Rejects with one sentence if another
   * holds a lock that they do not wait for, and if the lock cannot be used at all.
   */
  async start(): Promise<void> {
    const beganMs = this.clock.now();
    this.timer = setInterval(() => this.handle({ kind: 'tick' }), this.settings.tryMs);
    this.handle({ kind: 'tick' });
    while (this.lock.refusal !== undefined && !this.holds()) {
      await new Promise((resolve) => setTimeout(resolve, shortMs));
      if (this.failure) throw this.failure; // set while the timer runs, which the compiler cannot know
      if (this.clock.now() - beganMs >= this.settings.refuseAfterMs) throw new Error(this.lock.refusal);
    }
  }

  holds(): boolean {
    return this.leadership.holds(this.clock.now());
  }

  get epoch(): bigint | undefined {
    return this.leadership.epoch;
  }

  /** Who leads instead, as far as the lock tells. */
  get leader(): LeaderRecord | undefined {
    return this.leadership.epoch === undefined ? this.lock.holder : undefined;
  }

  /** Somebody has seen this epoch. */
  heard(epoch: bigint): void {
    if (epoch > epochMost) {
      this.say(`somebody has seen epoch ${epoch}, which no leader can have had; look for a damaged epoch file`);
    }
    this.handle({ kind: 'heard', epoch });
  }

  /** Lets another lead, where one waits for it. */
  stepDown(): void {
    this.handle({ kind: 'step-down' });
  }

  /** Ends the reign, then lets others lead. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    clearTimeout(this.soon);
    this.reign?.abort(new Error('leadership: the scheduler stops.'));
    this.reign = undefined;
    try {
      await this.lock.close();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.logger.warn(`leadership: the lock was not released (${why}); it lapses by itself`);
    }
  }

  private handle(input: LeadershipInput): void {
    if (this.isStopped) return;
    for (const effect of this.leadership.handle(input, this.clock.now())) this.run(effect);
  }

  private run(effect: LeadershipEffect): void {
    switch (effect.kind) {
      case 'acquire':
        return void this.acquire(effect.above);
      case 'renew':
        return void this.renew();
      case 'lift':
        return void this.lift(effect.above);
      case 'release':
        return void this.release();
      case 'lead':
        this.reign = new AbortController();
        this.complaint = '';
        this.logger.info({ epoch: String(effect.epoch) }, `leadership: candidate -> leading (epoch ${effect.epoch})`);
        return this.candidate.lead(effect.epoch, this.reign.signal);
      case 'raise':
        this.logger.warn(
          { epoch: String(effect.epoch) },
          `leadership: epoch raised to ${effect.epoch} (a higher one was heard)`,
        );
        return this.candidate.raise(effect.epoch);
      case 'end':
        this.logger.warn(`leadership: leading -> candidate (${effect.why})`);
        this.reign?.abort(new Error(`leadership: ${effect.why}.`));
        this.reign = undefined;
        return void this.release();
    }
  }

  private async acquire(above: bigint): Promise<void> {
    const askedMs = this.clock.now();
    await this.ask(async () => {
      const epoch = await this.lock.acquire(above);
      if (epoch === undefined) {
        this.turnedAway();
        return { kind: 'not-acquired', againInMs: this.lookAgainMs() };
      }
      // Stopped meanwhile: nobody else would let go of it.
      if (this.isStopped) await this.lock.release();
      return { kind: 'acquired', askedMs, epoch };
    });
  }

  private async renew(): Promise<void> {
    const askedMs = this.clock.now();
    await this.ask(async () => ((await this.lock.renew()) ? { kind: 'renewed', askedMs } : { kind: 'lost' }));
  }

  private async lift(above: bigint): Promise<void> {
    const { reign } = this;
    let answer: LeadershipInput;
    try {
      const epoch = await this.lock.liftEpoch(above);
      answer = epoch === undefined ? { kind: 'not-lifted', isLost: true } : { kind: 'lifted', epoch };
    } catch (error) {
      this.unanswered(error);
      answer = { kind: 'not-lifted', isLost: false };
    }
    // What became of an earlier reign's epoch is nothing to this one.
    if (reign === this.reign) this.handle(answer);
  }

  /** Whether the lock was still held does not matter here: another can have it now. */
  private async release(): Promise<void> {
    try {
      await this.lock.release();
    } catch (error) {
      this.unanswered(error);
    }
  }

  /** When the holder's time is over, if that is before the next attempt: then a failover does not wait for it. */
  private lookAgainMs(): number | undefined {
    const { holderLeftMs } = this.lock;
    if (holderLeftMs === undefined || holderLeftMs >= this.settings.tryMs) return undefined;
    // A key of Redis is there until its last millisecond is over.
    const againInMs = holderLeftMs + 1;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.handle({ kind: 'tick' }), Math.ceil(againInMs) + 1);
    return againInMs;
  }

  private turnedAway(): void {
    const { holder } = this.lock;
    if (holder) {
      this.handle({ kind: 'heard', epoch: holder.epoch });
      this.say(`${holder.schedulerId} leads at ${holder.listen} (epoch ${holder.epoch}); this one stands by`, 'info');
    }
    if (!this.isStopped) this.candidate.standBy?.();
  }

  private async ask(question: () => Promise<LeadershipInput>): Promise<void> {
    let answer: LeadershipInput;
    try {
      answer = await question();
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.unanswered(error);
      answer = { kind: 'unknown' };
    }
    this.handle(answer);
  }

  private unanswered(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (!this.isStopped) this.say(`the lock did not answer (${why})`);
  }

  private say(what: string, level: 'info' | 'warn' = 'warn'): void {
    if (what === this.complaint) return;
    this.complaint = what;
    this.logger[level](`leadership: ${what}`);
  }
}
