// Leadership without Redis: one scheduler for each data directory.
//
// The lock is an open exclusive transaction on an SQLite file of its own, which the operating system frees when the process dies, so
// nothing is ever stale and nothing expires. A second scheduler on the same directory is refused. The file must be opened by nobody
// else in this process: closing any of its descriptors would drop the lock.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { EpochFile } from './epoch-file';
import type { LeaderLock } from './leader-lock';

export class LocalLeaderLock implements LeaderLock {
  readonly leaseMs = Infinity;
  readonly refusal: string;
  /** Candidates do not wait here, so nobody needs to find it. */
  readonly holder = undefined;
  readonly holderLeftMs = undefined;
  private readonly epochs: EpochFile;
  private database: Database.Database | undefined;

  /** `folder` belongs to the schedulers of one data directory. */
  constructor(private readonly folder: string) {
    this.epochs = new EpochFile(join(folder, 'epoch'));
    this.refusal = `another scheduler leads on ${folder}; stop it, or choose another data directory with HEARTH_DATA_DIR.`;
  }

  async acquire(above: bigint): Promise<bigint | undefined> {
    if (this.database) throw new Error('leader lock: it is held already, acquire it once.');
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const database = new Database(join(this.folder, 'leader.lock'));
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return undefined;
      throw error;
    }
    this.database = database;
    try {
      return await this.raise(above);
    } catch (error) {
      await this.release();
      throw error;
    }
  }

  renew(): Promise<boolean> {
    return Promise.resolve(this.database !== undefined);
  }

  async liftEpoch(above: bigint): Promise<bigint | undefined> {
    return this.database && this.raise(above);
  }

  release(): Promise<void> {
    this.database?.close();
    this.database = undefined;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.release();
  }

  private async raise(above: bigint): Promise<bigint> {
    const stored = await this.epochs.read();
    const epoch = (stored > above ? stored : above) + 1n;
    await this.epochs.write(epoch);
    return epoch;
  }
}
