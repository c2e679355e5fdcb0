// What operators have set about stem cells, between its store and the leading core: read anew by each leader, changed one at a time.
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import type { StemCells } from './core/stem-cells';
import type { StemCellStore } from './stem-cell-store';

export class StemCellMemory {
  private changing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: StemCellStore,
    private readonly retryMs: number,
    private readonly logger: Logger,
  ) {}

  /** Reads until it works or `isWanted` says no more; then tells it. */
  async recall(isWanted: () => boolean, tell: (stemCells: readonly StemCells[]) => void): Promise<void> {
    let hasComplained = false;
    while (isWanted()) {
      try {
        const stemCells = await this.store.read();
        if (isWanted()) tell(stemCells);
        return;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        if (!hasComplained)
          this.logger.warn(`stem cells: what operators have set cannot be read (${why}); trying again`);
        hasComplained = true;
        await pause(this.retryMs, undefined, { ref: false });
      }
    }
  }

  /** Runs `act` when all earlier changes are done, so that two operators at once lose nothing of each other's. */
  inTurn<T>(act: (write: StemCellStore['write']) => Promise<T>): Promise<T> {
    const turn = this.changing.then(() => act((stemCells, epoch) => this.store.write(stemCells, epoch)));
    this.changing = turn.catch(() => undefined);
    return turn;
  }

  close(): void {
    this.store.close();
  }
}
