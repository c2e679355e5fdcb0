// Suspends a container by its cgroup's freezer, without asking any engine: some 0.3 ms where an engine takes tens of ms.
//
// Guarantees: each verb is idempotent and resolves only once the kernel says that it took effect; what could not be frozen in time is left
// thawed. It does not order concurrent calls for one container (the driver's turns do), and nobody may suspend one container in two ways.
//
// Files are written and read synchronously: they are the kernel's memory, and four ways through the thread pool cost three times what they do.
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity } from '#lifecycle';
import type { FreezerDialect } from './dialects';

export interface Freezer {
  /** For listings: `cgroup-v1` or `cgroup-v2`. */
  readonly name: string;
  /** Afterwards nothing of the container runs. Rejects with ProcessGone, or once `freezeTimeoutMs` have passed. */
  freeze(): Promise<void>;
  /** Rejects with ProcessGone if there is nothing to thaw any more; what is left of it is thawed nonetheless. */
  thaw(): Promise<void>;
  /** Half frozen is not frozen. */
  isFrozen(): Promise<boolean>;
}

/** The container's process has ended: there is nothing to suspend or to resume. */
export class ProcessGone extends Error {
  constructor(
    readonly pid: number,
    doing: string,
  ) {
    super(`cannot ${doing} process ${pid}: it has ended. Remove its container.`);
    this.name = 'ProcessGone';
  }
}

type State = ReturnType<FreezerDialect['read']>;

/** A state is one word; what is read is used before anything else is. */
const stateBuffer = Buffer.alloc(64);

const pollMs = 1;
/** Looks without a pause between them, some 5 µs each: an idle container is frozen at the first or second, unless the machine is busy. */
const eagerLooks = 20;
/** A cgroup that stays half frozen for this many looks is thawed and frozen anew. */
const looksBeforeAnew = 50;

export class CgroupFreezer implements Freezer {
  readonly name: string;

  constructor(
    private readonly process: ProcessIdentity,
    readonly directory: string,
    private readonly dialect: FreezerDialect,
    private readonly timeoutMs: number,
  ) {
    this.name = dialect.name;
  }

  async freeze(): Promise<void> {
    this.mustLive('freeze');
    await this.unlessGone('freeze', async () => {
      if (await this.reach('frozen')) return;
      await this.reach('thawed');
      throw new Error(
        `cannot freeze process ${this.process.pid}: ${this.directory} was not frozen within ${this.timeoutMs} ms, so it was thawed. A process of it may wait for a disk.`,
      );
    });
    // An empty cgroup freezes as well.
    this.mustLive('freeze');
  }

  async thaw(): Promise<void> {
    await this.unlessGone('thaw', async () => {
      if (await this.reach('thawed')) return;
      throw new Error(
        `cannot thaw process ${this.process.pid}: ${this.directory} was not thawed within ${this.timeoutMs} ms. Is a cgroup above it frozen?`,
      );
    });
    this.mustLive('thaw');
  }

  async isFrozen(): Promise<boolean> {
    this.mustLive('look at');
    return this.unlessGone('look at', () => this.state() === 'frozen');
  }

  private async reach(wanted: 'frozen' | 'thawed'): Promise<boolean> {
    let state = this.tell(wanted);
    for (let look = 1; state !== wanted; look += 1) {
      if (look > eagerLooks) await sleep(pollMs);
      if (look * pollMs > this.timeoutMs) return false;
      if (this.dialect.needsRepetition && look % looksBeforeAnew === 0) this.tell('thawed');
      state = this.dialect.needsRepetition ? this.tell(wanted) : this.state();
    }
    return true;
  }

  private state(): State {
    return this.dialect.read(readFileSync(`${this.directory}/${this.dialect.stateFile}`, 'latin1'));
  }

  /** Answers what came of it at once; where one file is for both it is opened once. */
  private tell(wanted: 'frozen' | 'thawed'): State {
    const { commandFile, stateFile, words } = this.dialect;
    // Not writeFile: it truncates, and creates what is gone.
    const file = openSync(`${this.directory}/${commandFile}`, 'r+');
    try {
      writeSync(file, words[wanted]);
      if (stateFile !== commandFile) return this.state();
      return this.dialect.read(
        stateBuffer.toString('latin1', 0, readSync(file, stateBuffer, 0, stateBuffer.length, 0)),
      );
    } finally {
      closeSync(file);
    }
  }

  private mustLive(doing: string): void {
    if (!isAlive(this.process)) throw new ProcessGone(this.process.pid, doing);
  }

  /** The cgroup goes with its container. */
  private async unlessGone<T>(doing: string, act: () => T | Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENODEV') throw new ProcessGone(this.process.pid, doing);
      throw error;
    }
  }
}
