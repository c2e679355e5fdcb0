// The output of a container's process: two files that it appends to and that the agent reads.
//
// Its standard streams are the files themselves, so that output needs no agent to be written, none is lost when the agent is busy, and the runtime
// writes it synchronously. They are opened for appending: after they were emptied the next write begins at their start.
import { closeSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { LogSource, LogStream } from '../logs/log-source';

interface OpenStream {
  /** Read and write, for reading and emptying. */
  readonly file: number;
  position: number;
}

export class LogFiles implements LogSource {
  private readonly streams: Record<LogStream, OpenStream>;
  private isOpen = true;

  constructor(directory: string) {
    const open = (stream: LogStream): OpenStream => ({ file: openSync(pathOf(directory, stream), 'r+'), position: 0 });
    this.streams = { stdout: open('stdout'), stderr: open('stderr') };
  }

  peek(stream: LogStream, into: Buffer): number {
    const { file, position } = this.streams[stream];
    return this.isOpen ? readSync(file, into, 0, into.length, position) : 0;
  }

  skip(stream: LogStream, bytes: number): void {
    this.streams[stream].position += bytes;
  }

  position(): number {
    return Math.max(this.streams.stdout.position, this.streams.stderr.position);
  }

  /** Only while nobody can write and all has been read. */
  empty(): void {
    for (const stream of Object.values(this.streams)) {
      ftruncateSync(stream.file, 0);
      stream.position = 0;
    }
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const { file } of Object.values(this.streams)) closeSync(file);
  }
}

/** Makes both files; answers descriptors for a child to inherit. Close them once it has. */
export function createLogFiles(directory: string): { stdout: number; stderr: number } {
  return { stdout: openSync(pathOf(directory, 'stdout'), 'a'), stderr: openSync(pathOf(directory, 'stderr'), 'a') };
}

const pathOf = (directory: string, stream: LogStream): string => join(directory, `${stream}.log`);
