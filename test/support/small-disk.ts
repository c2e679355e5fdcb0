// A disk of a few megabytes, in memory, that can be made full and gets room again. Needs root and `mount`.
//
// Guarantees: `end` unmounts it whatever still holds files there, and removes its directory.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mebibyte = 1_048_576;

export class SmallDisk {
  private constructor(
    readonly directory: string,
    private readonly isOwn: boolean,
  ) {}

  /** At `directory`, which is made, or at one of its own. */
  static mount(mebibytes: number, directory?: string): SmallDisk {
    if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
    const where = directory ?? mkdtempSync(join(tmpdir(), 'hearth-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', where]);
    return new SmallDisk(where, directory === undefined);
  }

  /** Takes all room that is left. */
  fill(): void {
    for (let size = mebibyte, count = 0; size >= 512;) {
      try {
        writeFileSync(join(this.directory, `filler-${(count += 1)}`), Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        rmSync(join(this.directory, `filler-${count}`), { force: true });
        size /= 2;
      }
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    execFileSync('sh', ['-c', 'rm -f "$0"/filler-*', this.directory]);
  }

  end(): void {
    execFileSync('umount', ['-l', this.directory]);
    if (this.isOwn) rmSync(this.directory, { recursive: true, force: true });
  }
}
