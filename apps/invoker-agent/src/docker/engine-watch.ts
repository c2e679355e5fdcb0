// Follows what the engine tells of this agent's containers, over every loss of the connection.
//
// Guarantees: an end is told once the engine knows it, however it came about; after a loss (the engine died, was restarted) `onConnected` has the
// chance to compare with what the engine has now, before later ends are told. It does not say twice the same only if the receiver can tell.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '#telemetry';
import type { Engine, EngineEvent } from './engine';

const retryMs = 500;

export interface EngineWatchSettings {
  readonly engine: Engine;
  readonly label: string;
  readonly logger: Logger;
  /** oom, die, destroy. */
  onEvent(event: EngineEvent): void;
  /** The engine answers; `isFirst` at the start. */
  onConnected(isFirst: boolean): Promise<void>;
}

export class EngineWatch {
  private readonly over = new AbortController();
  private done: Promise<void> = Promise.resolve();
  private isFirst = true;
  private isLost = false;

  constructor(private readonly settings: EngineWatchSettings) {}

  /** Resolves when the engine tells. */
  async start(): Promise<void> {
    const events = await this.connect();
    this.done = this.follow(events);
  }

  async close(): Promise<void> {
    this.over.abort();
    await this.done;
  }

  private async connect(): Promise<AsyncIterable<EngineEvent>> {
    const { engine, label } = this.settings;
    const events = await engine.events(label, this.over.signal);
    await this.settings.onConnected(this.isFirst);
    this.isFirst = false;
    if (this.isLost) this.settings.logger.info('docker: the engine answers again');
    this.isLost = false;
    return events;
  }

  private async follow(first: AsyncIterable<EngineEvent>): Promise<void> {
    let events: AsyncIterable<EngineEvent> | undefined = first;
    while (!this.over.signal.aborted) {
      try {
        events ??= await this.connect();
        for await (const event of events) this.settings.onEvent(event);
        this.lost(new Error('the engine ended the connection'));
      } catch (error) {
        this.lost(error as Error);
      }
      events = undefined;
      await sleep(retryMs, undefined, { signal: this.over.signal }).catch(() => undefined);
    }
  }

  private lost(error: Error): void {
    if (this.over.signal.aborted || this.isLost) return;
    this.isLost = true;
    this.settings.logger.warn(
      { err: error },
      'docker: the engine does not tell what happens (asked again until it does)',
    );
  }
}
