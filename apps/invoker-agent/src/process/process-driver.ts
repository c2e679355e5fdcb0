// The `process` driver: a container is a child process of the agent that runs one of our action runtimes on a loopback port.
//
// It isolates nothing (an action can do what the agent's user can) and is for development. Memory is limited by the runtime's own flags;
// suspending is SIGSTOP to the process group. Containers never outlive the agent: what a killed agent left is ended at the next start.
import { existsSync } from 'node:fs';
import { isAlive } from '#lifecycle';
import type { ContainerAddresses } from '#protocol';
import type { Logger } from '#telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import { AddressInUse, type ContainerDriver, type ContainerSpec, type Recovered } from '../container-driver';
import type { LogSource } from '../logs/log-source';
import { Turns } from '../turns';
import { type ActionSurroundings, actionEnvironment } from './action-environment';
import { ContainerDirectory, listContainerDirectories } from './container-directory';
import { ContainerProcess } from './container-process';
import { awaitListener } from './await-listener';
import type { Launcher } from './launchers';
import { LogFiles } from './log-files';
import { isGroupStopped } from './proc-table';
import { isFree } from './readiness';
import { endStrays, signal } from './strays';

const stoppedPollMs = 2;
const stoppedPolls = 100;
/** Removals of this long are followed by one look for strays. */
const strayDelayMs = 1_000;

export interface ProcessDriverSettings extends ActionSurroundings {
  /** Absolute. */
  readonly containersDirectory: string;
  readonly kinds: readonly string[];
  /** By family of kinds. */
  readonly launchers: ReadonlyMap<string, Launcher>;
  readonly addresses: readonly string[];
  /** Put before each command, so that it dies with the agent and yields when it wakes up (launchers.ts). */
  readonly prefix: readonly string[];
  readonly logger: Logger;
}

interface Container {
  readonly process: ContainerProcess;
  readonly directory: ContainerDirectory;
  readonly logs: LogFiles;
  /** Suspend, resume and the emptying of logs, which all stop or continue the process. */
  readonly turns: Turns;
  isSuspended: boolean;
  /** Somebody asked for its end. */
  isEnding: boolean;
}

export class ProcessDriver implements ContainerDriver {
  readonly name = 'process';
  readonly blackbox = false;
  readonly kinds: readonly string[];
  readonly addresses: readonly string[];
  private readonly containers = new Map<string, Container>();
  /** Directories of containers that are being created, which are no strays. */
  private readonly starting = new Set<string>();
  private exitListener: (id: string, reason: string) => void = () => undefined;
  private strayTimer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: ProcessDriverSettings) {
    this.kinds = settings.kinds.filter((kind) => {
      const launcher = settings.launchers.get(familyOf(kind));
      return launcher !== undefined && (launcher.offers?.(kind) ?? true);
    });
    this.addresses = settings.addresses;
  }

  async recover(): Promise<Recovered> {
    const left = listContainerDirectories(this.settings.containersDirectory);
    const ended: { id: string; address: string }[] = [];
    for (const directory of left) {
      const record = directory.readRecord();
      if (record && isAlive(record)) signal(-record.pid, 'SIGKILL');
      if (record) ended.push({ id: directory.id, address: record.address });
    }
    await this.endStrays();
    for (const directory of left) await directory.remove();
    return { running: [], ended };
  }

  async create(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<ContainerAddresses> {
    const launcher = this.settings.launchers.get(familyOf(spec.kind));
    if (!launcher) throw new Error(`container ${spec.id}: kind ${spec.kind} has no runtime on this machine`);
    const { host, port } = parseAddress(spec.address);
    if (!(await isFree(host, port))) throw new AddressInUse(spec.address);
    const directory = new ContainerDirectory(this.settings.containersDirectory, spec.id);
    const socket = launcher.offersSocket ? directory.socket : undefined;
    this.starting.add(spec.id);
    let process: ContainerProcess | undefined;
    let logs: LogFiles | undefined;
    try {
      directory.make();
      process = await ContainerProcess.start({
        command: [...this.settings.prefix, ...launcher.command(spec.memoryMb)],
        env: actionEnvironment(this.settings, spec, directory, host, port, socket),
        workingDirectory: directory.home,
        logDirectory: directory.logs,
      });
      directory.writeRecord({ ...process.identity(), address: spec.address });
      logs = new LogFiles(directory.logs);
      await awaitListener(process, logs, { id: spec.id, host, port, timeoutMs, signal });
      // A runtime listens on its socket first: if that is not there, another program has taken the port since it was looked at.
      if (socket !== undefined && !existsSync(socket)) throw new AddressInUse(spec.address);
      this.follow(spec.id, process, directory, logs);
      return { container: spec.address, ...(socket === undefined ? {} : { unixSocket: socket }) };
    } catch (error) {
      await process?.kill();
      logs?.close();
      await directory.remove();
      throw error;
    } finally {
      this.starting.delete(spec.id);
    }
  }

  private follow(id: string, process: ContainerProcess, directory: ContainerDirectory, logs: LogFiles): void {
    const container = { process, directory, logs, turns: new Turns(), isSuspended: false, isEnding: false };
    this.containers.set(id, container);
    void process.exited.then((reason) => {
      if (!container.isEnding) this.exitListener(id, reason);
    });
  }

  async suspend(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(() => {
      container.process.stop();
      container.isSuspended = true;
    });
  }

  async resume(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(() => {
      container.process.continue();
      container.isSuspended = false;
    });
  }

  async kill(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    container.isEnding = true;
    await container.process.kill();
  }

  async remove(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    await this.kill(id);
    container.logs.close();
    await container.directory.remove();
    this.containers.delete(id);
    this.strayTimer ??= setTimeout(() => {
      this.strayTimer = undefined;
      this.endStrays().catch((error: unknown) => this.settings.logger.warn({ err: error }, 'strays: not looked for'));
    }, strayDelayMs);
  }

  logs(id: string): LogSource | undefined {
    return this.containers.get(id)?.logs;
  }

  async emptyLogs(id: string, drain: () => Promise<void>): Promise<boolean> {
    const container = this.known(id);
    return container.turns.take(async () => {
      if (container.isSuspended || container.isEnding) return false;
      container.process.stop();
      try {
        if (!(await isStopped(container.process.pid))) return false;
        await drain();
        container.logs.empty();
        return true;
      } finally {
        container.process.continue();
      }
    });
  }

  onExit(listener: (id: string, reason: string) => void): void {
    this.exitListener = listener;
  }

  async close(): Promise<void> {
    clearTimeout(this.strayTimer);
    await Promise.all([...this.containers.keys()].map((id) => this.remove(id)));
    clearTimeout(this.strayTimer);
    await this.endStrays();
  }

  private async endStrays(): Promise<void> {
    const isLiving = (id: string): boolean => this.starting.has(id) || this.containers.has(id);
    const count = await endStrays(this.settings.containersDirectory, isLiving);
    if (count > 0) this.settings.logger.info(`strays: ended ${count} processes of containers that are no more`);
  }

  private known(id: string): Container {
    const container = this.containers.get(id);
    if (!container) throw new Error(`container ${id}: the process driver does not know it`);
    return container;
  }
}

const familyOf = (kind: string): string => kind.split(':', 1)[0] ?? kind;

function parseAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}

async function isStopped(group: number): Promise<boolean> {
  for (let poll = 0; poll < stoppedPolls; poll += 1) {
    if (isGroupStopped(group)) return true;
    await sleep(stoppedPollMs);
  }
  return false;
}
