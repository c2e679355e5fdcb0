// One container of the engine: its state as this agent knows it, how it is suspended, and its output.
//
// How it is suspended is chosen at its first suspend and kept: who thaws must be who froze. The cgroup freezer where there is one, else the
// engine's pause.
import { rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import type { ContainerAddresses } from '#protocol';
import type { Freezer } from '../freezer/freezer';
import { Turns } from '../turns';
import type { Engine } from './engine';
import type { EngineFacts } from './engine-facts';
import { JsonLog, type LogMark } from './json-log';
import type { SocketDirectory } from './socket-directory';

export type FindFreezer = (pid: number) => Promise<Freezer | undefined>;

export interface ContainerParts {
  readonly engine: Engine;
  readonly facts: EngineFacts;
  readonly findFreezer: FindFreezer;
  readonly logFilesCount: number;
}

export interface ContainerIdentity {
  readonly id: string;
  readonly engineId: string;
  /** As the ledger chose it. */
  readonly address: string;
  readonly sockets: SocketDirectory | undefined;
  /** Where the log's mark is kept. */
  readonly markPath: string;
}

/** In listings, beside the freezers' names. */
export const enginePause = 'docker-pause';

export class DockerContainer {
  /** Suspend, resume and kill, one after the other. */
  readonly turns = new Turns();
  readonly logs: JsonLog;
  addresses: ContainerAddresses = {};
  /** Resolves with the reason once it has ended. */
  readonly ended: Promise<string>;
  /** Resolves once the engine has told of its end, which may be later. */
  readonly died: Promise<void>;
  tellDied: () => void = () => undefined;
  isSuspended = false;
  /** Somebody asked for its end. */
  isEnding = false;
  /** The kernel ended one of its processes for want of memory. */
  ranOutOfMemory = false;
  /** Undefined before it was suspended for the first time. */
  private way: Freezer | 'engine' | undefined;
  private reason: string | undefined;
  private tellEnd: (reason: string) => void = () => undefined;
  private writtenMark: LogMark | undefined;

  constructor(
    private readonly parts: ContainerParts,
    readonly identity: ContainerIdentity,
    mark?: LogMark,
  ) {
    this.logs = new JsonLog(parts.facts.logPath(identity.engineId), parts.logFilesCount, mark);
    this.writtenMark = mark;
    this.ended = new Promise((resolve) => (this.tellEnd = resolve));
    this.died = new Promise((resolve) => (this.tellDied = resolve));
  }

  get hasEnded(): boolean {
    return this.reason !== undefined;
  }

  get suspendedBy(): string | undefined {
    return this.way === 'engine' ? enginePause : this.way?.name;
  }

  /** Answers whether this was news. */
  noteEnd(reason: string): boolean {
    if (this.reason !== undefined) return false;
    this.reason = reason;
    this.tellEnd(reason);
    return true;
  }

  async suspend(): Promise<void> {
    if (this.reason !== undefined) throw new Error(`it has ended (${this.reason})`);
    if (this.isSuspended) return;
    this.way ??= (await this.findFreezer()) ?? 'engine';
    if (this.way === 'engine') await this.parts.engine.pause(this.identity.engineId);
    else await this.way.freeze();
    this.isSuspended = true;
  }

  async resume(): Promise<void> {
    if (this.reason !== undefined) throw new Error(`it has ended (${this.reason})`);
    if (!this.isSuspended) return;
    await this.thaw();
  }

  /** Thaws first: what is frozen does not die of a signal. Resolves when all that it wrote can be read. */
  async kill(): Promise<void> {
    const { engine } = this.parts;
    const { engineId } = this.identity;
    this.isEnding = true;
    // Its process may be gone already, and then there is nothing to thaw.
    if (this.isSuspended) await this.thaw().catch(() => undefined);
    await engine.kill(engineId);
    await engine.ended(engineId);
    this.noteEnd('was killed');
  }

  /** What a former life of the agent left: suspended or not, and by whom. */
  async adopt(isPaused: boolean): Promise<void> {
    if (isPaused) {
      this.way = 'engine';
      this.isSuspended = true;
      return;
    }
    const freezer = await this.findFreezer();
    if ((await freezer?.isFrozen()) !== true) return;
    this.way = freezer;
    this.isSuspended = true;
  }

  /** Keeps up to where its output was read, for a later life of the agent. */
  async keepMark(): Promise<void> {
    const mark = this.logs.mark();
    if (!mark || mark === this.writtenMark || this.isEnding) return;
    this.writtenMark = mark;
    await writeFile(this.identity.markPath, JSON.stringify(mark));
  }

  async forget(): Promise<void> {
    this.logs.close();
    this.identity.sockets?.remove();
    await rm(this.identity.markPath, { force: true });
  }

  private async thaw(): Promise<void> {
    if (this.way === 'engine') await this.parts.engine.unpause(this.identity.engineId);
    else await this.way?.thaw();
    this.isSuspended = false;
  }

  private async findFreezer(): Promise<Freezer | undefined> {
    const facts = await this.parts.facts.of(this.identity.engineId);
    if (!facts || !facts.isRunning || facts.pid === 0) throw new Error('the engine says that it does not run');
    return this.parts.findFreezer(facts.pid);
  }
}

export function readMark(path: string): LogMark | undefined {
  try {
    const { inode, offset } = JSON.parse(readFileSync(path, 'utf8')) as Partial<LogMark>;
    return typeof inode === 'number' && typeof offset === 'number' ? { inode, offset } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
