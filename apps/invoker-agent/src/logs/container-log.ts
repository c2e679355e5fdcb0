// One container's log: reads its source, and hands each finished activation's lines to the batches under the namespace of its note.
//
// It remembers its last activations that had output, so that `/log` can answer for what tailing has stored already, and a developer error is
// marked once, however many ask.
import type { Note } from '#protocol';
import { ActivationLogs, type ActivationLogsSettings, type FinishedLog } from './activation-logs';
import type { LogBatches } from './log-batches';
import { notices } from './log-lines';
import type { LogSource } from './log-source';

const recentCount = 32;
const bytesPerMb = 1_048_576;

export interface Collected {
  lines: number;
  bytes: number;
  truncated: boolean;
  complete: boolean;
  isMarked: boolean;
}

/** Two buffers that all containers of the agent share: a chunk is used up before the next is read. */
export interface Chunks {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export class ContainerLog {
  private readonly activations: ActivationLogs;
  /** By activation id, oldest first. */
  private readonly recent = new Map<string, Collected>();
  /** Its last one: logs may be asked for when the container is gone. */
  private lastNote: Note | undefined;
  isSuspended = false;
  isEmptying = false;

  constructor(
    readonly source: LogSource,
    private readonly settings: ActivationLogsSettings,
    private readonly note: () => Note | undefined,
    private readonly batches: LogBatches,
  ) {
    this.activations = new ActivationLogs(settings);
  }

  /** Reads one chunk of each stream. `end`: nothing was there. `pause`: the little that is left can wait for the next look. */
  read({ stdout, stderr }: Chunks, wallMs: number): 'more' | 'pause' | 'end' {
    const out = stdout.subarray(0, this.source.peek('stdout', stdout));
    const err = stderr.subarray(0, this.source.peek('stderr', stderr));
    if (out.length === 0 && err.length === 0) return 'end';
    const silent = this.activations.silent(out, err);
    if (silent > 0) {
      this.source.skip('stdout', silent);
      this.source.skip('stderr', silent);
      return out.length < stdout.length || err.length < stderr.length ? 'pause' : 'more';
    }
    this.source.skip('stdout', out.length);
    this.source.skip('stderr', err.length);
    const limitBytes = this.limitBytes();
    if (out.length > 0) this.keep(this.activations.push('stdout', out, wallMs, limitBytes));
    if (err.length > 0) this.keep(this.activations.push('stderr', err, wallMs, limitBytes));
    return 'more';
  }

  /** Ends activations whose second sentinel does not come. */
  expire(wallMs: number, idleMs: number): void {
    this.keep(this.activations.expire(wallMs, idleMs, this.limitBytes()));
  }

  /** All that has been read of this activation, from the last few. */
  collected(activationId: string): Collected | undefined {
    return this.recent.get(activationId);
  }

  /** What no sentinel has ended is this activation's. */
  seize(activationId: string, wallMs: number, limitMb?: number): void {
    this.keep([this.activations.seize(activationId, wallMs, this.limitBytes(limitMb))]);
  }

  /** Whether sentinels name nobody here, so that whoever ran an activation must. */
  get isUnnamed(): boolean {
    return !this.settings.isStamped;
  }

  /** Such sentinels have ended both streams. */
  get isEnded(): boolean {
    return this.activations.isEnded;
  }

  /** What they have ended is this activation's. */
  name(activationId: string, wallMs: number, limitMb?: number): void {
    this.keep([this.activations.name(activationId, wallMs, this.limitBytes(limitMb))]);
  }

  /** Its sentinels do not come: all that is there is this activation's, and its log says that there may be more. */
  giveUp(activationId: string, wallMs: number, limitMb?: number): void {
    const limitBytes = this.limitBytes(limitMb);
    const log = this.activations.seize(activationId, wallMs, limitBytes);
    if (limitBytes > 0) log.lines.push(this.activations.notice(notices.incomplete, wallMs));
    this.keep([log]);
  }

  /** The activation ended as a developer error: its log ends with the line that says so. */
  mark(activationId: string, wallMs: number): void {
    if (this.limitBytes() === 0 || this.recent.get(activationId)?.isMarked) return;
    const line = this.activations.notice(notices.developerError, wallMs);
    this.keep([{ activationId, lines: [line], bytes: 0, truncated: false, complete: false }]);
    const collected = this.recent.get(activationId);
    if (collected) collected.isMarked = true;
  }

  /** Whose it is now is whose it was at its end. */
  keepNote(): void {
    this.currentNote();
  }

  close(): void {
    this.activations.close();
  }

  private keep(finished: readonly FinishedLog[]): void {
    for (const log of finished) {
      const { activationId, lines, bytes } = log;
      const note = this.currentNote();
      if (lines.length === 0 || note === undefined) {
        this.settings.budget.give(bytes);
        continue;
      }
      this.remember(log);
      this.batches.add({ namespace: note.namespace, activationId, lines }, bytes);
    }
  }

  private remember({ activationId, lines, bytes, truncated, complete }: FinishedLog): void {
    const before = this.recent.get(activationId);
    this.recent.delete(activationId);
    this.recent.set(activationId, {
      lines: (before?.lines ?? 0) + lines.length,
      bytes: (before?.bytes ?? 0) + bytes,
      truncated: (before?.truncated ?? false) || truncated,
      complete: (before?.complete ?? false) || complete,
      isMarked: before?.isMarked ?? false,
    });
    const [oldest] = this.recent.keys();
    if (this.recent.size > recentCount && oldest !== undefined) this.recent.delete(oldest);
  }

  private currentNote(): Note | undefined {
    this.lastNote = this.note() ?? this.lastNote;
    return this.lastNote;
  }

  private limitBytes(limitMb = this.currentNote()?.logLimitMb ?? 0): number {
    return limitMb * bytesPerMb;
  }
}
