// Which lines of a container belong to which activation. Pure: bytes of both streams in, finished logs out.
//
// Everything since the previous sentinel of a stream belongs to the activation that the next one names; when both streams have ended it, its
// lines are merged by time and cut at the log limit. What no sentinel has ended yet is pending, and can be seized for an activation that is
// known to have failed. Sentinels of foreign images name nobody: what they have ended waits until somebody says whose it is. Where several activations run at a time, our runtimes stamp each line with its activation (line-stamp.ts); such a line waits for
// the sentinel of that one, whoever ends first. Lines are held within the agent's budget; what does not fit is missing, and the log says so.
import { stampOf } from './line-stamp';
import type { LogBudget } from './log-budget';
import { LineTimes, logLine, notices } from './log-lines';
import type { LogStream } from './log-source';
import { silentRunBytes } from './silent-runs';
import { StreamLines } from './stream-lines';

export interface FinishedLog {
  readonly activationId: string;
  /** With the notices about what is missing. */
  readonly lines: string[];
  /** What its lines hold of the budget; given back by whoever stores or drops them. */
  readonly bytes: number;
  readonly truncated: boolean;
  /** Both sentinels were seen. */
  readonly complete: boolean;
}

interface Block {
  readonly lines: string[];
  bytes: number;
  truncated: boolean;
  /** The budget was used up. */
  dropped: boolean;
}

interface HalfOpen {
  readonly blocks: Partial<Record<LogStream, Block>>;
  readonly since: number;
}

export interface ActivationLogsSettings {
  readonly lineBytes: number;
  readonly isStamped: boolean;
  /** How many activations may wait for the sentinel of their other stream; more are an action that forges them. */
  readonly halfOpenCount: number;
  readonly budget: LogBudget;
}

export class ActivationLogs {
  private readonly times = new LineTimes();
  private readonly pending: Record<LogStream, Block> = { stdout: emptyBlock(), stderr: emptyBlock() };
  /** What sentinels ended that name nobody. */
  private unnamed: Partial<Record<LogStream, Block>> = {};
  private readonly streams: Record<LogStream, StreamLines>;
  private readonly halfOpen = new Map<string, HalfOpen>();
  /** Stamped lines of activations that their stream has not ended. */
  private readonly stamped = new Map<string, Partial<Record<LogStream, Block>>>();
  /** From then on a flood of lines without a stamp must not hide those that have one. */
  private hasStamps = false;
  private finished: FinishedLog[] = [];
  private limitBytes = 0;
  private now = 0;

  constructor(private readonly settings: ActivationLogsSettings) {
    this.streams = { stdout: this.stream('stdout'), stderr: this.stream('stderr') };
  }

  /** How much of both, from their start, are activations that printed nothing, and so need no further look. */
  silent(stdout: Buffer, stderr: Buffer): number {
    const isClean =
      this.isClean('stdout') && this.isClean('stderr') && this.halfOpen.size === 0 && this.stamped.size === 0;
    return isClean && this.settings.isStamped ? silentRunBytes(stdout, stderr) : 0;
  }

  /** Bytes that were read at this time, and the log limit of those who wrote them. Answers the logs that they finish. */
  push(stream: LogStream, bytes: Buffer, wallMs: number, limitBytes: number): FinishedLog[] {
    this.begin(wallMs, limitBytes);
    this.streams[stream].push(bytes);
    return this.take();
  }

  /** Activations that one stream ended that long ago and the other did not. */
  expire(wallMs: number, idleMs: number, limitBytes: number): FinishedLog[] {
    this.begin(wallMs, limitBytes);
    for (const [activationId, half] of this.halfOpen) {
      if (wallMs - half.since >= idleMs) this.finish(activationId, half);
    }
    return this.take();
  }

  /** Sentinels that name nobody have ended both streams. */
  get isEnded(): boolean {
    return this.unnamed.stdout !== undefined && this.unnamed.stderr !== undefined;
  }

  /** What sentinels ended that name nobody was this activation's; what came behind them is not. */
  name(activationId: string, wallMs: number, limitBytes: number): FinishedLog {
    this.begin(wallMs, limitBytes);
    const { unnamed, isEnded } = this;
    this.unnamed = {};
    return this.merge(activationId, unnamed, isEnded);
  }

  /** All that is there for this activation, and all that no sentinel has ended. */
  seize(activationId: string, wallMs: number, limitBytes: number): FinishedLog {
    this.begin(wallMs, limitBytes);
    const complete = this.isEnded;
    for (const stream of ['stdout', 'stderr'] as const) {
      this.streams[stream].finish();
      if (this.unnamed[stream]) this.pending[stream] = this.appended(this.unnamed[stream], this.pending[stream]);
      this.endBlock(stream, activationId, this.halfOpen.get(activationId));
    }
    this.unnamed = {};
    const half = this.halfOpen.get(activationId);
    this.halfOpen.delete(activationId);
    return this.merge(activationId, half?.blocks ?? {}, complete);
  }

  /** A line of the agent's own, behind all others. */
  notice(text: string, wallMs: number): string {
    this.times.at(wallMs);
    return logLine(this.times.next(), 'stderr', text);
  }

  /** Gives back what is held; nothing may be asked afterwards. */
  close(): void {
    const halfOpen = [...this.halfOpen.values()].map((half) => half.blocks);
    const blocks = [this.pending, this.unnamed, ...halfOpen, ...this.stamped.values()];
    for (const { stdout, stderr } of blocks) this.settings.budget.give((stdout?.bytes ?? 0) + (stderr?.bytes ?? 0));
  }

  private stream(stream: LogStream): StreamLines {
    const full = (): boolean => {
      const { truncated, dropped } = this.pending[stream];
      return this.limitBytes === 0 || ((truncated || dropped) && !this.hasStamps);
    };
    return new StreamLines(this.settings.lineBytes, this.settings.isStamped, {
      get isFull() {
        return full();
      },
      line: (text) => this.line(stream, text),
      end: (activationId) => this.end(stream, activationId),
    });
  }

  private line(stream: LogStream, text: string): void {
    const stamp = this.settings.isStamped ? stampOf(text) : undefined;
    const block = stamp === undefined ? this.pending[stream] : this.stampedBlock(stream, stamp.activationId);
    if (block.truncated || block.dropped) return;
    const line = logLine(this.times.next(), stream, stamp?.text ?? text);
    const bytes = bytesOf(line);
    if (block.bytes + bytes > this.limitBytes) block.truncated = true;
    else if (!this.settings.budget.take(bytes)) block.dropped = true;
    else {
      block.lines.push(line);
      block.bytes += bytes;
    }
  }

  private stampedBlock(stream: LogStream, activationId: string): Block {
    this.hasStamps = true;
    const blocks = this.stamped.get(activationId) ?? {};
    this.stamped.set(activationId, blocks);
    const block = (blocks[stream] ??= emptyBlock());
    const [oldest] = this.stamped;
    if (oldest && this.stamped.size > this.settings.halfOpenCount) {
      this.stamped.delete(oldest[0]);
      this.finish(oldest[0], { blocks: oldest[1], since: this.now });
    }
    return block;
  }

  private end(stream: LogStream, activationId: string | undefined): void {
    if (activationId === undefined) {
      const before = this.unnamed[stream];
      this.unnamed[stream] = before ? this.appended(before, this.pending[stream]) : this.pending[stream];
      this.pending[stream] = emptyBlock();
      return;
    }
    const half = this.halfOpen.get(activationId);
    this.endBlock(stream, activationId, half);
    if (half?.blocks.stdout && half.blocks.stderr) this.finish(activationId, half);
    if (this.halfOpen.size <= this.settings.halfOpenCount) return;
    const [oldest] = this.halfOpen;
    if (oldest) this.finish(...oldest);
  }

  /** Moves what is pending in this stream, and what is stamped, to the activation. */
  private endBlock(stream: LogStream, activationId: string, half: HalfOpen | undefined): void {
    const block = this.withStamped(this.pending[stream], stream, activationId);
    this.pending[stream] = emptyBlock();
    if (!half) {
      this.halfOpen.set(activationId, { blocks: { [stream]: block }, since: this.now });
      return;
    }
    const before = half.blocks[stream];
    half.blocks[stream] = before ? this.appended(before, block) : block;
  }

  /** In place, and within the limit: a forged sentinel may come a million times. */
  private appended(block: Block, more: Block): Block {
    for (const line of more.lines) {
      const bytes = bytesOf(line);
      block.truncated ||= block.bytes + bytes > this.limitBytes;
      if (block.truncated) {
        this.settings.budget.give(bytes);
        continue;
      }
      block.lines.push(line);
      block.bytes += bytes;
    }
    block.truncated ||= more.truncated;
    block.dropped ||= more.dropped;
    return block;
  }

  private withStamped(block: Block, stream: LogStream, activationId: string): Block {
    const blocks = this.stamped.get(activationId);
    const own = blocks?.[stream];
    if (!blocks || !own) return block;
    delete blocks[stream];
    if (!blocks.stdout && !blocks.stderr) this.stamped.delete(activationId);
    return {
      lines: [...inOrder(own.lines, block.lines)],
      bytes: own.bytes + block.bytes,
      truncated: own.truncated || block.truncated,
      dropped: own.dropped || block.dropped,
    };
  }

  private finish(activationId: string, { blocks }: HalfOpen): void {
    this.halfOpen.delete(activationId);
    const complete = blocks.stdout !== undefined && blocks.stderr !== undefined;
    const log = this.merge(activationId, blocks, complete);
    if (!complete && this.limitBytes > 0) log.lines.push(this.own(notices.incomplete));
    this.finished.push(log);
  }

  /** Both streams in the order of their times, as much as the limit allows. */
  private merge(activationId: string, { stdout, stderr }: HalfOpen['blocks'], complete: boolean): FinishedLog {
    const lines: string[] = [];
    let bytes = 0;
    let truncated = (stdout?.truncated ?? false) || (stderr?.truncated ?? false);
    const held = (stdout?.bytes ?? 0) + (stderr?.bytes ?? 0);
    for (const line of inOrder(stdout?.lines ?? [], stderr?.lines ?? [])) {
      const size = bytesOf(line);
      if (bytes + size > this.limitBytes) {
        truncated = true;
        break;
      }
      lines.push(line);
      bytes += size;
    }
    this.settings.budget.give(held - bytes);
    if (this.limitBytes === 0) return { activationId, lines: [], bytes, truncated: false, complete };
    if (truncated) lines.push(this.own(notices.truncated(this.limitBytes)));
    const isMissing = stdout?.dropped === true || stderr?.dropped === true;
    if (isMissing) lines.push(this.own(notices.incomplete));
    return { activationId, lines, bytes, truncated, complete };
  }

  private own(text: string): string {
    return logLine(this.times.next(), 'stderr', text);
  }

  private begin(wallMs: number, limitBytes: number): void {
    this.now = wallMs;
    this.times.at(wallMs);
    this.limitBytes = limitBytes;
  }

  private take(): FinishedLog[] {
    const { finished } = this;
    if (finished.length > 0) this.finished = [];
    return finished;
  }

  private isClean(stream: LogStream): boolean {
    const { lines, truncated, dropped } = this.pending[stream];
    return lines.length === 0 && !truncated && !dropped && this.streams[stream].isEmpty;
  }
}

const emptyBlock = (): Block => ({ lines: [], bytes: 0, truncated: false, dropped: false });

/** What a line counts for: as it is read back, with its newline. */
const bytesOf = (line: string): number => Buffer.byteLength(line) + 1;

/** Lines begin with their time, which sorts as text. */
function inOrder(left: readonly string[], right: readonly string[]): readonly string[] {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  const merged: string[] = [];
  let at = 0;
  for (const line of left) {
    for (let other = right[at]; other !== undefined && other < line; other = right[at]) {
      merged.push(other);
      at += 1;
    }
    merged.push(line);
  }
  return merged.concat(right.slice(at));
}
