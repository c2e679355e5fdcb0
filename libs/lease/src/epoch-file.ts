// The epoch counter of local leadership: one decimal number in a file, synced before it is used.
//
// Guarantee: a number that `write` has stored is there after a crash or power loss (new file, fsync, rename, fsync of the folder),
// and a file that is no number is an error, never a 0: an epoch that falls would be refused by every agent.
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export class EpochFile {
  constructor(private readonly path: string) {}

  /** 0 if there is none yet. */
  async read(): Promise<bigint> {
    let text: string;
    try {
      text = (await readFile(this.path, 'utf8')).trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0n;
      throw error;
    }
    if (/^\d{1,19}$/.test(text)) return BigInt(text);
    throw new Error(
      `the epoch counter ${this.path} holds "${text.slice(0, 40)}", which is no number; write the highest epoch into it that the agents' data directories hold.`,
    );
  }

  async write(epoch: bigint): Promise<void> {
    const fresh = `${this.path}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(`${epoch}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, this.path);
    const folder = await open(dirname(this.path), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}
