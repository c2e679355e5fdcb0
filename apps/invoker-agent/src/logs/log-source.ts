// Where a container's output is read from: two streams of bytes that only grow, each with a position up to which it has been read.

export type LogStream = 'stdout' | 'stderr';

export interface LogSource {
  /** Copies what follows the position of that stream, as much as fits; answers how many bytes, 0 when there is nothing (yet). */
  peek(stream: LogStream, into: Buffer): number;
  /** Moves the position of that stream on. */
  skip(stream: LogStream, bytes: number): void;
  /** How far the stream that is further has been read, and so what emptying it would free. */
  position(): number;
}
