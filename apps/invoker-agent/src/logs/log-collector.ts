// Collects the logs of all containers of this agent by tailing: every logPollMs it looks at each container that runs. No call per activation,
// but of foreign images, whose sentinels name nobody: there whoever ran an activation asks for its log before it runs the next.
//
// Guarantees: what a container wrote before its sentinels is stored under the activation that they name, or that is named when asked; an asker
// waits for sentinels while output still comes, for at most logIdleMs after the last; nothing is read from a suspended
// container, after one last look; the end of a container ends its collection within removalLogMs; and no container's output keeps the agent busy for
// longer than a few chunks at a time.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { LogReply, Note } from '#protocol';
import type { LogStore } from '#store';
import type { Logger } from '#telemetry';
import { setImmediate as yieldNow, setTimeout as sleep } from 'node:timers/promises';
import { type Chunks, ContainerLog } from './container-log';
import { LogBatches } from './log-batches';
import { LogBudget } from './log-budget';
import type { LogSource } from './log-source';

/** An asker waits no longer for the sentinels of a container that never pauses. Controllers wait a little longer than that. */
const idlePeriodsMost = 5;

export interface LogCollectorSettings {
  readonly store: LogStore;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Empties a container's output; ContainerDriver.emptyLogs. */
  readonly empty: (id: string, drain: () => Promise<void>) => Promise<boolean>;
}

export interface LogRequest {
  readonly activationId: string;
  readonly limitMb?: number | undefined;
  /** It ended as a developer error. */
  readonly failed?: boolean | undefined;
}

export interface ContainerEnd {
  /** Some activation failed with it: its owner reported that, or it ended by itself. */
  readonly failed: boolean;
  /** That activation. Without it, whoever asks for its log within removalLogMs may still name it. */
  readonly activationId?: string | undefined;
}

export class LogCollector {
  private readonly logs = new Map<string, ContainerLog>();
  /** Of containers that failed and whose last activation nobody has named yet. */
  private readonly lingering = new Map<string, { log: ContainerLog; timer: NodeJS.Timeout }>();
  private readonly budget: LogBudget;
  private readonly batches: LogBatches;
  private readonly chunks: Chunks;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: LogCollectorSettings) {
    const { store, limits, logger } = settings;
    this.budget = new LogBudget(limits.logBufferBytes);
    this.batches = new LogBatches(store, this.budget, limits, logger);
    this.chunks = { stdout: Buffer.alloc(limits.logChunkBytes), stderr: Buffer.alloc(limits.logChunkBytes) };
  }

  start(): void {
    this.timer = setInterval(() => this.poll(), this.settings.limits.logPollMs);
  }

  /** `isStamped`: it is one of our runtimes, whose sentinels name the activation. */
  follow(id: string, source: LogSource, note: () => Note | undefined, isStamped: boolean): void {
    const { limits } = this.settings;
    const { logLineBytes: lineBytes, logHalfOpenCount: halfOpenCount } = limits;
    const settings = { lineBytes, halfOpenCount, isStamped, budget: this.budget };
    this.logs.set(id, new ContainerLog(source, settings, note, this.batches));
  }

  /** It is stopped: reads what it wrote before, and then leaves it alone. */
  async suspended(id: string): Promise<void> {
    const log = this.logs.get(id);
    if (!log) return;
    log.isSuspended = true;
    await this.drain(log);
  }

  resumed(id: string): void {
    const log = this.logs.get(id);
    if (log) log.isSuspended = false;
  }

  /** It ended by itself. Soon it will be nobody's, and its owner may still ask for the log of what ran in it. */
  exited(id: string): void {
    this.logs.get(id)?.keepNote();
  }

  /** Stores what there is for this activation; undefined if nothing is known of it, or of the container. */
  async collect(id: string, { activationId, limitMb, failed }: LogRequest): Promise<LogReply | undefined> {
    const log = this.logs.get(id) ?? this.lingering.get(id)?.log;
    if (!log) return undefined;
    await this.drain(log);
    if (failed) this.fail(log, activationId, limitMb);
    else if (log.isUnnamed && !log.collected(activationId)) await this.name(id, log, activationId, limitMb);
    const collected = log.collected(activationId);
    if (!collected) return undefined;
    await this.batches.flush();
    const { lines, bytes, truncated, complete } = collected;
    return { activationId, lines, bytes, truncated, complete };
  }

  knows(id: string): boolean {
    return this.logs.has(id) || this.lingering.has(id);
  }

  /** The container was killed and its output is complete. */
  async end(id: string, { failed, activationId }: ContainerEnd): Promise<void> {
    const log = this.logs.get(id);
    if (!log) return;
    this.logs.delete(id);
    await this.drain(log, this.settings.limits.removalLogMs);
    log.expire(this.settings.clock.wallMs(), 0);
    if (activationId !== undefined) this.fail(log, activationId);
    else if (failed) return this.linger(id, log);
    log.close();
  }

  /** Stores what was collected. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const id of [...this.logs.keys()]) await this.end(id, { failed: false });
    for (const id of [...this.lingering.keys()]) this.forget(id);
    await this.batches.close(this.settings.limits.removalLogMs);
  }

  metrics(): { heldBytes: number; rowsWaiting: number; rowsLost: number } {
    const { rowsWaiting, rowsLost } = this.batches;
    return { heldBytes: this.budget.heldBytes, rowsWaiting, rowsLost };
  }

  private poll(): void {
    const { limits, clock } = this.settings;
    const wallMs = clock.wallMs();
    for (const [id, log] of this.logs) {
      if (log.isSuspended || log.isEmptying) continue;
      for (let chunk = 0; chunk < limits.logChunksPerPollCount; chunk += 1) {
        if (log.read(this.chunks, wallMs) !== 'more') break;
      }
      log.expire(wallMs, limits.logIdleMs);
      if (log.source.position() > limits.logFileBytes) void this.empty(id, log);
    }
  }

  private async drain(log: ContainerLog, withinMs = Infinity): Promise<void> {
    const { clock, limits } = this.settings;
    const deadline = clock.now() + withinMs;
    for (let chunk = 1; log.read(this.chunks, clock.wallMs()) !== 'end'; chunk += 1) {
      if (chunk % limits.logChunksPerPollCount !== 0) continue;
      if (clock.now() > deadline) {
        this.settings.logger.warn(`logs: gave up reading (it took more than ${withinMs} ms)`);
        return;
      }
      await yieldNow();
    }
  }

  private async empty(id: string, log: ContainerLog): Promise<void> {
    log.isEmptying = true;
    try {
      await this.settings.empty(id, () => this.drain(log));
    } catch (error) {
      this.settings.logger.warn({ err: error, container: id }, 'logs: not emptied (tried again at the next look)');
    } finally {
      log.isEmptying = false;
    }
  }

  private async name(id: string, log: ContainerLog, activationId: string, limitMb?: number): Promise<void> {
    const { clock, limits } = this.settings;
    const isThere = (): boolean => this.logs.get(id) === log;
    const from = clock.now();
    let [position, since] = [log.source.position(), from];
    const isTime = (): boolean =>
      clock.now() - since < limits.logIdleMs && clock.now() - from < idlePeriodsMost * limits.logIdleMs;
    while (isThere() && !log.isSuspended && !log.isEnded && isTime()) {
      await sleep(limits.logPollMs);
      if (isThere() && !log.isEmptying) await this.drain(log, limits.logPollMs);
      if (log.source.position() !== position) [position, since] = [log.source.position(), clock.now()];
    }
    if (log.isEnded) log.name(activationId, clock.wallMs(), limitMb);
    else if (isThere()) log.giveUp(activationId, clock.wallMs(), limitMb);
  }

  private fail(log: ContainerLog, activationId: string, limitMb?: number): void {
    const wallMs = this.settings.clock.wallMs();
    log.seize(activationId, wallMs, limitMb);
    log.mark(activationId, wallMs);
  }

  private linger(id: string, log: ContainerLog): void {
    const timer = setTimeout(() => this.forget(id), this.settings.limits.removalLogMs);
    this.lingering.set(id, { log, timer });
  }

  private forget(id: string): void {
    const entry = this.lingering.get(id);
    if (!entry) return;
    clearTimeout(entry.timer);
    entry.log.close();
    this.lingering.delete(id);
  }
}
