// Cells made ahead of need, each waiting at its gate: a cold start is then little more than the start of its program.
//
// One is kept for each of the templates that were asked for last, at most `count` together; one is made at a time, and only once nothing has
// been asked for a moment, since a start that is under way needs the processor more.
import type { Logger } from '#telemetry';
import type { Cell, CellTemplate } from './cell';

const quietMs = 150;

interface Kept {
  readonly template: CellTemplate;
  cell: Cell | undefined;
}

export class PreparedCells {
  /** By key, the one asked for last at the end. */
  private readonly kept = new Map<string, Kept>();
  private timer: NodeJS.Timeout | undefined;
  private making: Promise<void> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly count: number,
    private readonly make: (template: CellTemplate) => Promise<Cell>,
    private readonly logger: Logger,
  ) {}

  /** One that waits, if there is one; it is the caller's from now on. Remembers that this template was asked for. */
  take(template: CellTemplate): Cell | undefined {
    const key = JSON.stringify([template.image.digest, template.isForeign, template.memoryMb, template.environment]);
    const cell = this.kept.get(key)?.cell;
    this.kept.delete(key);
    if (this.count > 0 && !this.isClosed) this.kept.set(key, { template, cell: undefined });
    if (this.kept.size > this.count) {
      const [oldest, { cell: unwanted }] = [...this.kept][0]!;
      this.kept.delete(oldest);
      if (unwanted) this.discard(unwanted);
    }
    this.later();
    if (!cell?.hasExited) return cell;
    this.discard(cell);
    return undefined;
  }

  get digests(): string[] {
    return [...this.kept.values()].map(({ template }) => template.image.digest);
  }

  get waiting(): number {
    return [...this.kept.values()].filter(({ cell }) => cell !== undefined).length;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.making;
    const cells = [...this.kept.values()].flatMap(({ cell }) => cell ?? []);
    this.kept.clear();
    await Promise.all(cells.map((cell) => cell.remove()));
    await this.making;
  }

  private later(): void {
    clearTimeout(this.timer);
    if (!this.isClosed) this.timer = setTimeout(() => this.fill(), quietMs).unref();
  }

  private fill(): void {
    this.making = this.making
      .then(() => this.fillOne())
      .catch((error: unknown) => this.logger.warn({ err: error }, 'containers: not prepared ahead of need'));
  }

  private async fillOne(): Promise<void> {
    const missing = [...this.kept.values()].reverse().find(({ cell }) => cell === undefined);
    if (!missing || this.isClosed) return;
    const cell = await this.make(missing.template);
    const isWanted = [...this.kept.values()].includes(missing) && !missing.cell;
    if (isWanted && !this.isClosed) missing.cell = cell;
    else await cell.remove();
    this.later();
  }

  private discard(cell: Cell): void {
    this.making = this.making
      .then(() => cell.remove())
      .catch((error: unknown) => this.logger.warn({ err: error }, `${cell.name}: not removed`));
  }
}
