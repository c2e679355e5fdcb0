// One stream of a container: bytes in, whole lines and sentinels out. Pure.
//
// Guarantees: each byte of output is in exactly one line, in order, wherever the reads were cut; at most lineBytes and a sentinel are held between
// reads; a longer line is cut into pieces, between characters; text before a sentinel is a line also without its newline; bytes that
// are no UTF-8 become U+FFFD.
import { findSentinel, type FoundSentinel, sentinelRoom } from './sentinel';

const newline = 10;
const nothing = Buffer.alloc(0);

export interface LineSink {
  /** Lines are not wanted now; sentinels are. */
  readonly isFull: boolean;
  line(text: string): void;
  /** Everything since the last sentinel belongs to this activation; undefined: the sentinel is not stamped. */
  end(activationId: string | undefined): void;
}

export class StreamLines {
  /** An incomplete line, or the beginning of a sentinel. */
  private rest: Buffer = nothing;

  constructor(
    private readonly lineBytes: number,
    private readonly isStamped: boolean,
    private readonly sink: LineSink,
  ) {}

  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  /** The chunk may be used again afterwards. */
  push(chunk: Buffer): void {
    const bytes = this.isEmpty ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (let found = this.find(bytes, at); found; found = this.find(bytes, at)) {
      at = this.lines(bytes, at, found.from);
      if (at < found.from) this.cut(bytes, at, found.from);
      this.sink.end(found.activationId);
      at = found.to;
    }
    at = this.lines(bytes, at, bytes.length);
    // What could be the beginning of a sentinel stays whole.
    while (bytes.length - at > this.lineBytes + sentinelRoom) at = this.piece(bytes, at);
    this.rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at));
  }

  /** The container has ended: what is left is a line. */
  finish(): void {
    const { rest } = this;
    this.rest = nothing;
    if (rest.length > 0) this.cut(rest, 0, rest.length);
  }

  private find(bytes: Buffer, at: number): FoundSentinel | undefined {
    return findSentinel(bytes, at, this.isStamped);
  }

  /** Whole lines of this part; answers where the last one ends. */
  private lines(bytes: Buffer, from: number, to: number): number {
    if (from === to) return from;
    if (this.sink.isFull) return Math.max(from, bytes.lastIndexOf(newline, to - 1) + 1);
    let at = from;
    for (let end = bytes.indexOf(newline, at); end >= 0 && end < to; end = bytes.indexOf(newline, at)) {
      this.cut(bytes, at, end);
      at = end + 1;
    }
    return at;
  }

  /** One line, in pieces if it is too long. */
  private cut(bytes: Buffer, from: number, to: number): void {
    if (this.sink.isFull) return;
    let at = from;
    while (to - at > this.lineBytes) at = this.piece(bytes, at);
    this.sink.line(bytes.toString('utf8', at, to));
  }

  private piece(bytes: Buffer, from: number): number {
    let to = from + this.lineBytes;
    // Not inside a character; one that is too long to be a character is cut anyway.
    for (let back = 0; back < 3 && isContinuation(bytes[to]); back += 1) to -= 1;
    if (to <= from || isContinuation(bytes[to])) to = from + this.lineBytes;
    if (!this.sink.isFull) this.sink.line(bytes.toString('utf8', from, to));
    return to;
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
