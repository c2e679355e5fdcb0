// Containers that must go and that the engine did not remove when it was asked, e.g. since it hung: asked again until it has said that they are
// not there, and for a while longer if it had never answered their creation.
import type { Clock } from '#clock';
import type { Logger } from '#telemetry';
import type { Engine } from './engine';
import { EngineGone } from './engine-client';

/** A creation that the engine did not answer may still succeed within this time. */
const lateCreationMs = 120_000;

export class Leftovers {
  /** By name; until when it is asked again although it was not there. */
  private readonly names = new Map<string, number>();
  private isBusy = false;

  constructor(
    private readonly engine: Engine,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Never rejects. `mayComeLate`: whether it was made is not known. */
  async remove(name: string, mayComeLate: boolean): Promise<void> {
    if (mayComeLate) this.names.set(name, this.clock.now() + lateCreationMs);
    await this.attempt(name);
  }

  async tryAgain(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (const name of [...this.names.keys()]) await this.attempt(name);
    } finally {
      this.isBusy = false;
    }
  }

  private async attempt(name: string): Promise<void> {
    try {
      const wasThere = await this.engine.remove(name);
      if (wasThere || this.clock.now() >= (this.names.get(name) ?? 0)) this.names.delete(name);
    } catch (error) {
      if (!this.names.has(name)) this.names.set(name, 0);
      const isSilent = error instanceof EngineGone;
      this.logger.warn(
        { err: error },
        `docker: ${name} is not removed yet${isSilent ? ', the engine does not answer' : ''}`,
      );
    }
  }
}
