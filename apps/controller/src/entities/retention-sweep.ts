// Removes records and logs that are too old, from time to time.
//
// Guarantees: one sweep at a time in this process; while there is more to remove it goes on in bounded steps, between which others get their turn
// at the store; a sweep that fails is reported once until one succeeds, and made again at the next time.
import { setTimeout as delay } from 'node:timers/promises';
import type { Limits } from '#limits';
import type { Retention } from '#store';
import type { Logger } from '#telemetry';

const betweenStepsMs = 20;

export class RetentionSweep {
  private isSweeping = false;
  private isStopped = false;
  private hasFailed = false;

  constructor(
    private readonly retention: Retention,
    private readonly limits: Pick<Limits, 'retentionMs' | 'retentionRowsCount'>,
    private readonly logger: Logger,
  ) {}

  async run(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    const { retentionMs, retentionRowsCount } = this.limits;
    try {
      while (!this.isStopped && (await this.retention.sweep(retentionMs, retentionRowsCount)))
        await delay(betweenStepsMs);
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed) this.logger.warn({ err: error }, 'retention: not swept (the store refused); trying again');
      this.hasFailed = true;
    } finally {
      this.isSweeping = false;
    }
  }

  stop(): void {
    this.isStopped = true;
  }
}
