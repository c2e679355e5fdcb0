// One container of runc's, from its directories to its end. A cell with a gate can be made before it is known whose it will be: everything is set up, and
// its program starts when the gate is opened.
//
// Guarantees: what a cell takes on this machine is given back by `remove`, from whatever point it had reached; `remove` can be repeated after a failure.
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messages } from '#entity';
import { identify, isAlive, type ProcessIdentity } from '#lifecycle';
import { hardening } from '../hardening';
import { createLogFiles } from '../process/log-files';
import { signal } from '../process/strays';
import { bundleConfig, socketName } from './bundle';
import { type CellRecord, writeCellRecord } from './cell-record';
import { outOfMemoryKills, removeCgroup } from './cgroups';
import { run } from '../host/command';
import { imageUser } from './image-user';
import type { ImageCache, UnpackedImage } from './images/image-cache';
import { Keeper } from './keeper';
import { unmountAllBelow } from './mounts';
import type { Names } from './names';
import { type Starter, startersOf } from './starters';

const pollMs = 2;
const adoptedPollMs = 250;
const pidWaitPolls = 1_000;
const endPollMs = 10;
const endPolls = 300;

/** What all cells of a driver have in common. */
export interface CellSurroundings {
  readonly names: Names;
  /** On disk; output goes there. */
  readonly outputDirectory: string;
  readonly cache: ImageCache;
  readonly keeperPrefix: readonly string[];
  readonly resolvConf: string;
  readonly hosts: string;
  readonly writableLayerMb: number;
  readonly commandTimeoutMs: number;
  readonly takeNamespace: () => Promise<string>;
  readonly removeNamespace: (namespace: string, host?: string) => Promise<void>;
}

/** What has to be known before a cell is made. */
export interface CellTemplate {
  readonly image: UnpackedImage;
  readonly isForeign: boolean;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

export class Cell {
  namespace: string | undefined;
  /** Its address without the port, once it has one. */
  host: string | undefined;
  /** Resolves with the reason once its first process has ended, or did not start. */
  exited: Promise<string> = new Promise(() => undefined);
  hasExited = false;
  private keeper: Keeper | undefined;
  private identity: ProcessIdentity | undefined;

  constructor(
    readonly name: string,
    readonly digest: string,
    private readonly surroundings: CellSurroundings,
  ) {}

  /** Of a former life. */
  static adopt(name: string, record: CellRecord, surroundings: CellSurroundings): Cell {
    const cell = new Cell(name, record.digest, surroundings);
    cell.namespace = record.namespace;
    cell.host = record.address.split(':')[0];
    cell.identity = record.process;
    cell.exited = cell.watchAdopted();
    return cell;
  }

  get directory(): string {
    return join(this.surroundings.names.cellsDirectory, this.name);
  }

  get output(): string {
    return join(this.surroundings.outputDirectory, this.name);
  }

  get cgroup(): string {
    return `${this.surroundings.names.cgroup}/${this.name}`;
  }

  /** Of its first process. Known once it listens. */
  get pid(): number {
    if (!this.identity) throw new Error(`${this.name}: its process is not known yet`);
    return this.identity.pid;
  }

  async start(template: CellTemplate, hasGate: boolean): Promise<void> {
    const { names, takeNamespace, keeperPrefix, commandTimeoutMs } = this.surroundings;
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    mkdirSync(this.output, { recursive: true, mode: 0o700 });
    this.namespace = await takeNamespace();
    if (hasGate) await run('mkfifo', [this.gate], { timeoutMs: commandTimeoutMs });
    const root = template.isForeign ? await this.mountWritable(template.image) : template.image.root;
    const { uid, gid } = template.isForeign ? imageUser(template.image.config.user, root) : hardening;
    this.writeBundle(template, root, { uid, gid }, hasGate);
    const { stdout, stderr } = createLogFiles(this.output);
    try {
      // An action that opens /dev/stdout opens its file anew, as its own user.
      for (const stream of ['stdout', 'stderr']) chownSync(join(this.output, `${stream}.log`), uid, gid);
      const how = ['run', '--detach', '--pid-file', this.pidFile, '--bundle', this.directory];
      const command = ['runc', '--root', names.stateDirectory, ...how, this.name];
      this.keeper = await Keeper.start({ prefix: keeperPrefix, command, stdout, stderr });
      this.exited = this.watch(this.keeper, keeperPrefix.length > 0);
    } finally {
      closeSync(stdout);
      closeSync(stderr);
    }
  }

  /** Lets the program start. Rejects if the cell ends before, or is not set up within that time. */
  async openGate(timeoutMs: number): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += pollMs) {
      if (this.hasExited) throw new Error(`${this.name}: it ${await this.exited} before its program started`);
      if (waitedMs > timeoutMs) throw new Error(`${this.name}: runc did not set it up within ${timeoutMs} ms`);
      try {
        // Whoever waits at the other end reads an end of file.
        closeSync(openSync(this.gate, constants.O_WRONLY | constants.O_NONBLOCK));
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
        await sleep(pollMs);
      }
    }
  }

  /** Its server listens: learns its process, and takes the socket's directory from it, which user code could otherwise fill or lead elsewhere. */
  async settle(): Promise<void> {
    for (let poll = 0; poll < pidWaitPolls && !this.hasExited; poll += 1) {
      this.identity = this.readIdentity();
      if (this.identity) break;
      await sleep(pollMs);
    }
    if (!this.identity) throw new Error(`${this.name}: runc did not say which process it started`);
    if (!lstatSync(this.socketDirectory, { throwIfNoEntry: false })) return;
    chownSync(this.socketDirectory, 0, 0);
    chmodSync(this.socketDirectory, 0o755);
  }

  /** Where its Unix socket is, if it has one. */
  get socket(): string | undefined {
    const path = join(this.socketDirectory, socketName);
    return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ? path : undefined;
  }

  writeRecord(id: string, address: string): void {
    const { digest, namespace = '', identity } = this;
    const hasSocket = this.socket !== undefined;
    writeCellRecord(this.directory, {
      id,
      address,
      digest,
      namespace,
      hasSocket,
      ...(identity && { process: identity }),
    });
  }

  get isAlive(): boolean {
    return this.identity !== undefined && isAlive(this.identity);
  }

  /**
   * Ends all that runs in it, also when it is suspended, and all that would start it. The keeper ends by itself then: were it killed, who collects the
   * container's process would be up to the system.
   */
  async end(): Promise<void> {
    for (let poll = 0; poll < endPolls; poll += 1) {
      if (!this.identity) this.killStarters();
      await removeCgroup(this.cgroup);
      if (this.keeper ? this.keeper.hasExited : this.starters().length === 0) return;
      await Promise.race([sleep(endPollMs), ...(this.keeper ? [this.keeper.exited] : [])]);
    }
    for (const { pid } of this.starters()) signal(pid, 'SIGKILL');
    await this.keeper?.exited;
    await removeCgroup(this.cgroup);
  }

  async remove(): Promise<void> {
    const { names, removeNamespace, commandTimeoutMs } = this.surroundings;
    await this.end();
    if (this.namespace !== undefined) await removeNamespace(this.namespace, this.host);
    await unmountAllBelow(this.directory, commandTimeoutMs);
    for (const path of [join(names.stateDirectory, this.name), this.output, this.directory])
      await rm(path, { recursive: true, force: true });
  }

  private writeBundle(
    { image, isForeign, memoryMb, environment }: CellTemplate,
    root: string,
    user: { uid: number; gid: number },
    hasGate: boolean,
  ): void {
    const { resolvConf, hosts } = this.surroundings;
    if (!isForeign) {
      mkdirSync(this.socketDirectory);
      chownSync(this.socketDirectory, user.uid, user.gid);
    }
    const config = bundleConfig({
      name: this.name,
      image: image.config,
      root,
      memoryMb,
      environment,
      runtime: isForeign ? undefined : { socketDirectory: this.socketDirectory },
      user,
      namespacePath: join('/run/netns', this.namespace ?? ''),
      cgroup: this.cgroup,
      resolvConf,
      hosts,
      gate: hasGate ? this.gate : undefined,
    });
    writeFileSync(join(this.directory, 'config.json'), JSON.stringify(config));
  }

  /** An overlay of its own, whose upper layer is memory of limited size; what is written there counts as the container's. */
  private async mountWritable(image: UnpackedImage): Promise<string> {
    const { cache, writableLayerMb, commandTimeoutMs } = this.surroundings;
    const [root, layer] = [join(this.directory, 'root'), join(this.directory, 'layer')];
    for (const path of [root, layer]) mkdirSync(path);
    const size = `size=${writableLayerMb}m,mode=0755`;
    await run('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', layer], { timeoutMs: commandTimeoutMs });
    for (const path of ['upper', 'work']) mkdirSync(join(layer, path));
    chmodSync(join(layer, 'upper'), 0o755);
    await cache.mountOverlay(image, root, `upperdir=${layer}/upper,workdir=${layer}/work`);
    return root;
  }

  private killStarters(): void {
    for (const { pid, isKeeper } of this.starters()) if (!isKeeper) signal(pid, 'SIGKILL');
  }

  private starters(): Starter[] {
    return startersOf(this.surroundings.names).filter(({ cell }) => cell === this.name);
  }

  private async watch(keeper: Keeper, tellsExit: boolean): Promise<string> {
    const code = await keeper.exited;
    this.identity ??= this.readIdentity();
    // Without Perl it ended once the container ran; with it, only if somebody killed it.
    if (this.isAlive) return this.watchAdopted();
    this.hasExited = true;
    return this.reasonOf(tellsExit || code !== 0 ? code : undefined);
  }

  private async watchAdopted(): Promise<string> {
    while (this.isAlive) await sleep(adoptedPollMs, undefined, { ref: false });
    this.hasExited = true;
    return this.reasonOf(undefined);
  }

  private reasonOf(code: number | undefined): string {
    if (code !== 0 && outOfMemoryKills(this.cgroup) > 0) return `ran out of memory: ${messages.memoryExhausted}`;
    return code === undefined ? 'ended, nobody saw with which code' : `exited with code ${code}`;
  }

  private readIdentity(): ProcessIdentity | undefined {
    try {
      return identify(Number(readFileSync(this.pidFile, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  private get gate(): string {
    return join(this.directory, 'gate');
  }

  private get pidFile(): string {
    return join(this.directory, 'pid');
  }

  private get socketDirectory(): string {
    return join(this.directory, 'socket');
  }
}
