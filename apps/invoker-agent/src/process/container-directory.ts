// What a container has on disk: its process's record and output, and a home and a temporary directory for the action. Gone with the container.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({ pid: z.number().int().positive(), startTicks: z.string(), address: z.string() });
export type ProcessRecord = z.infer<typeof recordSchema>;

/** What fits into a socket address: 108 bytes on Linux and 104 on BSD and macOS, with the zero at the end. */
const socketPathBytesMax = 103;

export class ContainerDirectory {
  private readonly path: string;
  /** Working directory and HOME of the process; strays are recognised by it. */
  readonly home: string;
  readonly temporary: string;

  constructor(
    containersDirectory: string,
    readonly id: string,
  ) {
    this.path = join(containersDirectory, id);
    this.home = join(this.path, 'home');
    this.temporary = join(this.path, 'tmp');
  }

  /** Output files lie beside home, not in it. */
  get logs(): string {
    return this.path;
  }

  /** Where its Unix socket is; undefined where the path is longer than the system takes. Only the agent's user can reach it. */
  get socket(): string | undefined {
    const path = join(this.path, 'run.sock');
    return Buffer.byteLength(path) <= socketPathBytesMax ? path : undefined;
  }

  make(): void {
    mkdirSync(this.home, { recursive: true, mode: 0o700 });
    mkdirSync(this.temporary, { mode: 0o700 });
  }

  writeRecord(record: ProcessRecord): void {
    writeFileSync(this.recordPath(), JSON.stringify(record));
  }

  /** Undefined if the agent died before it was written, or while. */
  readRecord(): ProcessRecord | undefined {
    try {
      return recordSchema.safeParse(JSON.parse(readFileSync(this.recordPath(), 'utf8'))).data;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Retries, since a process that is being killed may still make files. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }

  private recordPath(): string {
    return join(this.path, 'process.json');
  }
}

/** Those of former lives. */
export function listContainerDirectories(containersDirectory: string): ContainerDirectory[] {
  mkdirSync(containersDirectory, { recursive: true, mode: 0o700 });
  return readdirSync(containersDirectory).map((id) => new ContainerDirectory(containersDirectory, id));
}
