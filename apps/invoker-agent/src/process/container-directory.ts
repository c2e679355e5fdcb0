// What a container has on disk: its process's record and output, and a home and a temporary directory for the action. Gone with the container.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const recordSchema = z.object({ pid: z.number().int().positive(), startTicks: z.string(), address: z.string() });
export type ProcessRecord = z.infer<typeof recordSchema>;

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
