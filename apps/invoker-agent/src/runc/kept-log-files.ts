// Log files whose reading goes on where a former life of the agent left it: the positions are in a third file.
//
// A position is written as the output is taken, before it is stored; what the agent held in memory when it was killed is lost, and never stored twice.
import { closeSync, constants, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LogStream } from '../logs/log-source';
import { LogFiles } from '../process/log-files';

const numberBytes = 8;
const places: Record<LogStream, number> = { stdout: 0, stderr: numberBytes };

export class KeptLogFiles extends LogFiles {
  private readonly kept: number;
  private readonly at: Record<LogStream, number> = { stdout: 0, stderr: 0 };
  private isClosed = false;

  constructor(directory: string) {
    super(directory);
    this.kept = openSync(join(directory, 'positions'), constants.O_RDWR | constants.O_CREAT, 0o600);
    const bytes = Buffer.alloc(2 * numberBytes);
    readSync(this.kept, bytes, 0, bytes.length, 0);
    for (const stream of ['stdout', 'stderr'] as const) {
      const position = Number(bytes.readBigUInt64LE(places[stream]));
      // A file that is shorter was emptied by its own container.
      const most = statSync(join(directory, `${stream}.log`)).size;
      this.skip(stream, Math.min(position, most));
    }
  }

  override skip(stream: LogStream, bytes: number): void {
    super.skip(stream, bytes);
    this.at[stream] += bytes;
    this.keep(stream);
  }

  override empty(): void {
    super.empty();
    for (const stream of ['stdout', 'stderr'] as const) {
      this.at[stream] = 0;
      this.keep(stream);
    }
  }

  override close(): void {
    super.close();
    if (!this.isClosed) closeSync(this.kept);
    this.isClosed = true;
  }

  private keep(stream: LogStream): void {
    if (this.isClosed) return;
    const bytes = Buffer.alloc(numberBytes);
    bytes.writeBigUInt64LE(BigInt(this.at[stream]));
    writeSync(this.kept, bytes, 0, numberBytes, places[stream]);
  }
}
