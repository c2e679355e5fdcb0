// Network namespaces made ahead of need: making one takes three programs and several ten milliseconds, and a cold start should not wait for that.
//
// Guarantees: at most `count` wait here, one is made at a time, and one that could not be made ahead is made when it is needed, where a failure is told.
import type { Logger } from '#telemetry';
import type { Network } from './network';

export class NamespaceStock {
  private readonly ready: string[] = [];
  private making: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly network: Network,
    private readonly count: number,
    private next: number,
    private readonly logger: Logger,
  ) {}

  async take(): Promise<string> {
    return this.ready.shift() ?? this.make();
  }

  /** Begins to make what is missing. Not part of take: a start that is under way needs the processor. */
  fill(): void {
    if (this.making || this.isClosed || this.ready.length >= this.count) return;
    this.making = this.make()
      .then((namespace) => {
        this.ready.push(namespace);
        this.making = undefined;
        this.fill();
      })
      .catch((error: unknown) => {
        this.making = undefined;
        this.logger.warn({ err: error }, 'network namespaces: not made ahead of need');
      });
  }

  get waiting(): readonly string[] {
    return this.ready;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.making;
    for (let namespace = this.ready.shift(); namespace; namespace = this.ready.shift())
      await this.network.removeNamespace(namespace);
  }

  private make(): Promise<string> {
    this.next += 1;
    return this.network.makeNamespace(this.next);
  }
}
