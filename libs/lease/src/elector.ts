// Runs the leadership machine against a lock: asks when it says so, measures time before each request, hands out the AbortSignal.
import type { Clock } from '#clock';
import type { Logger } from '#telemetry';
import type { LeaderLock } from './leader-lock';
import { Leadership, type LeadershipEffect, type LeadershipInput } from './leadership';

/** What a leader is made of. Called synchronously, in this order: lead, any number of raise, and then the signal aborts. */
export interface Leader {
  /** Everything that it does ends with the signal. */
  lead(epoch: bigint, signal: AbortSignal): void;
  /** The epoch was lifted above one that was heard. */
  raise(epoch: bigint): void;
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
  private isStopped = false;
  private failure: Error | undefined;

  constructor(
    private readonly lock: LeaderLock,
    private readonly leader: Leader,
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
      if (this.failure) throw this.failure;
      if (this.clock.now() - beganMs >= this.settings.refuseAfterMs) throw new Error(this.lock.refusal);
    }
  }

  holds(): boolean {
    return this.leadership.holds(this.clock.now());
  }

  get epoch(): bigint | undefined {
    return this.leadership.epoch;
  }

  /** Somebody has seen this epoch. */
  heard(epoch: bigint): void {
    this.handle({ kind: 'heard', epoch });
  }

  /** Ends the reign, then lets others lead. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    this.reign?.abort(new Error('leadership: the scheduler stops.'));
    this.reign = undefined;
    await this.lock.release();
  }

  private handle(input: LeadershipInput): void {
    if (this.isStopped) return;
    for (const effect of this.leadership.handle(input, this.clock.now())) this.run(effect);
  }

  private run(effect: LeadershipEffect): void {
    switch (effect.kind) {
      case 'acquire':
        return void this.acquire();
      case 'renew':
        return void this.renew();
      case 'lift':
        return void this.lift(effect.above);
      case 'lead':
        this.reign = new AbortController();
        this.logger.info({ epoch: String(effect.epoch) }, `leadership: candidate -> leading (epoch ${effect.epoch})`);
        return this.leader.lead(effect.epoch, this.reign.signal);
      case 'raise':
        this.logger.warn(
          { epoch: String(effect.epoch) },
          `leadership: epoch raised to ${effect.epoch} (a higher one was heard)`,
        );
        return this.leader.raise(effect.epoch);
      case 'end':
        this.logger.warn(`leadership: leading -> candidate (${effect.why})`);
        this.reign?.abort(new Error(`leadership: ${effect.why}.`));
        this.reign = undefined;
    }
  }

  private async acquire(): Promise<void> {
    const askedMs = this.clock.now();
    await this.ask(async () => {
      const epoch = await this.lock.acquire();
      if (epoch === undefined) return { kind: 'not-acquired' };
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
    await this.ask(async () => {
      const epoch = await this.lock.liftEpoch(above);
      return epoch === undefined ? { kind: 'lost' } : { kind: 'lifted', epoch };
    });
  }

  private async ask(question: () => Promise<LeadershipInput>): Promise<void> {
    let answer: LeadershipInput;
    try {
      answer = await question();
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.logger.warn({ err: error }, 'leadership: the lock did not answer');
      answer = { kind: 'unknown' };
    }
    this.handle(answer);
  }
}
