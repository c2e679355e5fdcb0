// A container's output as the engine's json-file driver writes it: one JSON object per line, in a file that is rotated when it is full.
//
// Guarantees: bytes of each stream in order, as they were written (the engine replaces what is no UTF-8); a rotation loses nothing as long as the
// engine has not deleted a file before it was read, also when several happened between two looks; a line that is only half written is read
// when it is whole; memory is bounded by a chunk and one line. Where reading goes on after a restart of the agent is a mark that the caller keeps.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { LogSource, LogStream } from '../logs/log-source';

/** Up to where everything was consumed: file and offset. */
export interface LogMark {
  readonly inode: number;
  readonly offset: number;
}

interface Entry {
  readonly stream: LogStream;
  readonly bytes: Buffer;
  /** How much of it was skipped. */
  taken: number;
  /** Where the line behind it begins. */
  readonly mark: LogMark;
}

const newline = 10;
/** Held at once for both streams; one line of the engine has at most 16 KiB of output. */
const heldBytesMax = 262_144;
const chunk = Buffer.alloc(65_536);
const passed = Buffer.alloc(65_536);

export class JsonLog implements LogSource {
  private file: { fd: number; inode: number } | undefined;
  private offset = 0;
  /** The beginning of a line. */
  private rest = Buffer.alloc(0);
  private entries: Entry[] = [];
  private heldBytes = 0;
  private lastMark: LogMark | undefined;
  private isOpen = true;

  constructor(
    private readonly path: string,
    private readonly filesCount: number,
    from?: LogMark,
  ) {
    if (from) this.goOnAt(from);
  }

  peek(stream: LogStream, into: Buffer): number {
    let length = this.copy(stream, into);
    while (length < into.length && this.readMore()) length = this.copy(stream, into);
    return length;
  }

  skip(stream: LogStream, bytes: number): void {
    let left = bytes;
    for (const entry of this.entries) {
      if (left === 0) break;
      if (entry.stream !== stream) continue;
      const taken = Math.min(left, entry.bytes.length - entry.taken);
      entry.taken += taken;
      left -= taken;
      this.heldBytes -= taken;
    }
    let done = 0;
    for (const { taken, bytes: all, mark } of this.entries) {
      if (taken < all.length) break;
      this.lastMark = mark;
      done += 1;
    }
    if (done > 0) this.entries = this.entries.slice(done);
  }

  /** Leaves out what is there and was not read. */
  skipAll(): void {
    for (let bytes = 1; bytes > 0;) {
      bytes = 0;
      for (const stream of ['stdout', 'stderr'] as const) {
        const length = this.peek(stream, passed);
        this.skip(stream, length);
        bytes += length;
      }
    }
  }

  /** The engine bounds what the output takes, by rotation; there is nothing to empty. */
  position(): number {
    return 0;
  }

  /** Undefined before anything was consumed. */
  mark(): LogMark | undefined {
    return this.lastMark;
  }

  close(): void {
    this.isOpen = false;
    this.entries = [];
    this.closeFile();
  }

  private copy(stream: LogStream, into: Buffer): number {
    let length = 0;
    for (const { stream: of, bytes, taken } of this.entries) {
      if (of !== stream) continue;
      length += bytes.copy(into, length, taken);
      if (length === into.length) break;
    }
    return length;
  }

  /** Answers whether there was more. */
  private readMore(): boolean {
    if (!this.isOpen || this.heldBytes >= heldBytesMax) return false;
    this.file ??= open(this.path);
    while (this.file) {
      const read = readSync(this.file.fd, chunk, 0, chunk.length, this.offset);
      if (read > 0) {
        this.take(chunk.subarray(0, read));
        return true;
      }
      const next = this.nextFile(this.file.inode);
      if (!next) return false;
      // Between the last read and the rotation the engine may have written.
      const last = readSync(this.file.fd, chunk, 0, chunk.length, this.offset);
      if (last > 0) {
        closeSync(next.fd);
        this.take(chunk.subarray(0, last));
        return true;
      }
      this.closeFile();
      this.file = next;
    }
    return false;
  }

  private take(bytes: Buffer): void {
    const all = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    const start = this.offset - this.rest.length;
    let at = 0;
    for (let end = all.indexOf(newline, at); end >= 0; end = all.indexOf(newline, at)) {
      this.keep(all.toString('utf8', at, end), { inode: this.file!.inode, offset: start + end + 1 });
      at = end + 1;
    }
    this.offset += bytes.length;
    this.rest = Buffer.from(all.subarray(at));
  }

  private keep(line: string, mark: LogMark): void {
    const parsed = parseLine(line);
    if (!parsed) return;
    const bytes = Buffer.from(parsed.log, 'utf8');
    this.heldBytes += bytes.length;
    this.entries.push({ stream: parsed.stream, bytes, taken: 0, mark });
  }

  /** The file that the engine went on with, when this one is no longer the current one: the oldest that is younger. */
  private nextFile(inode: number): { fd: number; inode: number } | undefined {
    let younger: string | undefined;
    for (let age = 0; age < this.filesCount; age += 1) {
      const path = age === 0 ? this.path : `${this.path}.${age}`;
      const found = inodeOf(path);
      if (found === inode) break;
      if (found !== undefined) younger = path;
    }
    return younger === undefined ? undefined : open(younger);
  }

  private goOnAt({ inode, offset }: LogMark): void {
    for (let age = 0; age < this.filesCount; age += 1) {
      const path = age === 0 ? this.path : `${this.path}.${age}`;
      if (inodeOf(path) !== inode) continue;
      this.file = open(path);
      if (this.file?.inode === inode) {
        this.offset = offset;
        this.lastMark = { inode, offset };
        return;
      }
      this.closeFile();
    }
  }

  private closeFile(): void {
    if (this.file) closeSync(this.file.fd);
    this.file = undefined;
    this.offset = 0;
    this.rest = Buffer.alloc(0);
  }
}

/** Undefined for what is no line of the engine: a disk that was full leaves halves. */
function parseLine(line: string): { log: string; stream: LogStream } | undefined {
  try {
    const { log, stream } = JSON.parse(line) as { log?: unknown; stream?: unknown };
    if (typeof log !== 'string' || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
    return { log, stream };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function open(path: string): { fd: number; inode: number } | undefined {
  try {
    const fd = openSync(path, 'r');
    return { fd, inode: fstatSync(fd).ino };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
