// The `docker` driver: a container is a hardened container of the Docker Engine on this host, reached by its own address, by a published port, or,
// where it runs one of our runtimes, by a Unix socket as well.
//
// Containers outlive a killed agent and are taken over by its next life, found by their labels. What the engine does slowly is avoided: facts are
// read from its files, suspending goes to the cgroup freezer, ends are told by one stream of events.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { ContainerAddresses } from '#protocol';
import type { Logger } from '#telemetry';
import { type ContainerDriver, type ContainerSpec, outOfMemory, type Recovered } from '../container-driver';
import type { LogSource } from '../logs/log-source';
import { ContainerFactory, socketsFolder } from './container-factory';
import { type ContainerPlan, labels } from './create-options';
import type { DockerContainer, FindFreezer } from './docker-container';
import type { Engine, EngineEvent, ListedContainer } from './engine';
import type { EngineFacts } from './engine-facts';
import { EngineWatch } from './engine-watch';
import type { Images } from './images';
import { SocketDirectory } from './socket-directory';

export interface DockerDriverParts {
  /** Names and labels of everything that it makes carry this; no other agent's is the same. */
  readonly owner: string;
  readonly engine: Engine;
  readonly facts: EngineFacts;
  readonly images: Images;
  readonly kinds: readonly string[];
  readonly addresses: readonly string[];
  readonly reach: ContainerPlan['reach'];
  readonly network: string;
  /** As containers see it. */
  readonly apiHost: string;
  /** Of this driver, for sockets and marks. Absolute. */
  readonly directory: string;
  /** Whether our runtimes get a Unix socket. */
  readonly offersSockets: boolean;
  readonly findFreezer: FindFreezer;
  readonly limits: Pick<
    Limits,
    'engineCallMs' | 'engineCreationsCount' | 'engineLogFileBytes' | 'engineLogFilesCount' | 'writableLayerMb'
  >;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Network isolation is put up again: something may have taken it away. */
  readonly renewIsolation: () => Promise<void>;
  /** Closes connections, and leaves what is in the kernel and in the engine. */
  readonly letGo: () => Promise<void>;
  /** Takes away network, rules and connections, once no container is left. */
  readonly dismantle: () => Promise<void>;
}

const upkeepMs = 1_000;
const isolationRounds = 30;
/** What an exit code says of a process that was killed. */
const killedCode = 137;
const memoryLooks = 5;
const memoryLookMs = 50;

export class DockerDriver implements ContainerDriver {
  readonly name = 'docker';
  readonly blackbox = true;
  readonly kinds: readonly string[];
  readonly addresses: readonly string[];
  private readonly containers = new Map<string, DockerContainer>();
  /** By the engine's id; those that are being created, too. */
  private readonly byEngineId = new Map<string, DockerContainer>();
  private readonly factory: ContainerFactory;
  private readonly watch: EngineWatch;
  private exitListener: (id: string, reason: string) => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private rounds = 0;
  private isBusy = false;

  constructor(private readonly parts: DockerDriverParts) {
    this.kinds = parts.kinds;
    this.addresses = parts.addresses;
    this.factory = new ContainerFactory(parts, this.byEngineId);
    this.watch = new EngineWatch({
      engine: parts.engine,
      label: this.label,
      logger: parts.logger,
      onEvent: (event) => this.heard(event),
      onConnected: (isFirst) => (isFirst ? Promise.resolve() : this.compare()),
    });
  }

  async recover(): Promise<Recovered> {
    await this.watch.start();
    const running: { id: string; state: 'running' | 'suspended'; addresses: ContainerAddresses }[] = [];
    const ended: { id: string; address: string }[] = [];
    for (const listed of await this.parts.engine.list(this.label)) {
      const id = listed.Labels[labels.container] ?? '';
      const address = listed.Labels[labels.address] ?? '';
      const container = await this.adopted(id, address, listed);
      if (container) {
        running.push({ id, state: container.isSuspended ? 'suspended' : 'running', addresses: container.addresses });
        continue;
      }
      await this.parts.engine.remove(listed.Id);
      ended.push({ id, address });
    }
    this.sweepFiles();
    this.timer = setInterval(() => void this.upkeep(), upkeepMs);
    return { running, ended };
  }

  async create(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<ContainerAddresses> {
    const container = await this.factory.make(spec, timeoutMs, signal);
    this.follow(container);
    return container.addresses;
  }

  async suspend(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(() => container.suspend());
  }

  async resume(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(() => container.resume());
  }

  async kill(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    container.isEnding = true;
    await container.turns.take(() => container.kill());
  }

  async remove(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    await this.kill(id);
    await this.parts.engine.remove(container.identity.engineId);
    await container.forget();
    this.byEngineId.delete(container.identity.engineId);
    this.containers.delete(id);
  }

  /** By a new start of the same container: its processes end, and all that they could write to lies in memory that goes with them. */
  async wipe({ id, image }: ContainerSpec, timeoutMs: number): Promise<ContainerAddresses> {
    const container = this.known(id);
    if (image !== undefined) throw new Error(`container ${id}: a foreign image may have written anywhere`);
    await this.kill(id);
    const fresh = await this.factory.startAnew(container, timeoutMs);
    this.follow(fresh);
    return fresh.addresses;
  }

  logs(id: string): LogSource | undefined {
    return this.containers.get(id)?.logs;
  }

  suspendedBy(id: string): string | undefined {
    return this.containers.get(id)?.suspendedBy;
  }

  /** The engine keeps each log within its bounds by rotation, so only the reading is left to do. */
  async emptyLogs(id: string, drain: () => Promise<void>): Promise<boolean> {
    const container = this.known(id);
    if (container.isSuspended || container.isEnding) return false;
    await drain();
    return true;
  }

  /** Now, instead of at the next look. */
  renewIsolation(): Promise<void> {
    return this.parts.renewIsolation();
  }

  onExit(listener: (id: string, reason: string) => void): void {
    this.exitListener = listener;
  }

  /** Leaves everything as it is, as the death of the agent does; for tests. */
  async abandon(): Promise<void> {
    clearInterval(this.timer);
    await this.watch.close();
    for (const { logs } of this.byEngineId.values()) logs.close();
    await this.parts.letGo();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // All at once would keep the engine from answering any of them in time.
    const ids = [...this.containers.keys()];
    const removeNext = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) await this.remove(id);
    };
    await Promise.all(Array.from({ length: this.parts.limits.engineCreationsCount }, removeNext));
    await this.watch.close();
    await this.parts.dismantle();
  }

  // ---- what the engine tells ----

  private async adopted(
    id: string,
    address: string,
    { Id, Labels }: ListedContainer,
  ): Promise<DockerContainer | undefined> {
    const facts = await this.parts.facts.of(Id);
    if (!facts?.isRunning || id === '' || !this.addresses.includes(address)) return undefined;
    const path = Labels[labels.socket];
    const sockets = path === undefined ? undefined : new SocketDirectory(path);
    const container = this.factory.known({ id, engineId: Id, address, sockets });
    await container.adopt(facts.isPaused);
    container.addresses = this.factory.addressesOf(address, sockets);
    this.containers.set(id, container);
    return container;
  }

  /** From now on its end is told. */
  private follow(container: DockerContainer): void {
    const { id } = container.identity;
    this.containers.set(id, container);
    if (container.hasEnded) void container.ended.then((reason) => this.exitListener(id, reason));
  }

  private heard({ Action, Actor: { ID, Attributes } }: EngineEvent): void {
    const container = this.byEngineId.get(ID);
    if (!container) return;
    if (Action === 'die') container.tellDied();
    if (container.hasEnded) return;
    if (Action === 'oom') container.ranOutOfMemory = true;
    else if (Action === 'destroy') this.over(container, 'was removed');
    else void this.died(container, Number(Attributes.exitCode));
  }

  private async died(container: DockerContainer, exitCode: number): Promise<void> {
    if (exitCode !== killedCode) return this.over(container, `exited with code ${exitCode}`);
    this.over(container, (await this.ranOutOfMemory(container)) ? outOfMemory : 'was killed');
  }

  /** The engine may tell of the end first. */
  private async ranOutOfMemory(container: DockerContainer): Promise<boolean> {
    for (let look = 0; look < memoryLooks && !container.ranOutOfMemory; look += 1) {
      const facts = await this.parts.facts.of(container.identity.engineId).catch(() => undefined);
      if (facts?.isOutOfMemory) return true;
      if (container.isEnding || facts === undefined) break;
      await sleep(memoryLookMs);
    }
    return container.ranOutOfMemory;
  }

  private over(container: DockerContainer, reason: string): void {
    // While it is being created its end is told by the creation.
    const isFollowed = this.containers.get(container.identity.id) === container;
    if (container.noteEnd(reason) && isFollowed && !container.isEnding)
      this.exitListener(container.identity.id, reason);
  }

  /** Of containers that are no more. */
  private sweepFiles(): void {
    const sockets = join(this.parts.directory, socketsFolder);
    const isOurs = (name: string): boolean => this.containers.has(name.replace(/\.mark$/, ''));
    for (const folder of [this.parts.directory, sockets]) {
      if (!existsSync(folder)) continue;
      for (const name of readdirSync(folder)) {
        if (name !== socketsFolder && !isOurs(name)) rmSync(join(folder, name), { recursive: true, force: true });
      }
    }
  }

  /** After a time without the engine's word: which containers are no more? */
  private async compare(): Promise<void> {
    const listed = new Map((await this.parts.engine.list(this.label)).map((found) => [found.Id, found.State]));
    for (const [engineId, container] of [...this.byEngineId]) {
      if (container.hasEnded) continue;
      const state = listed.get(engineId);
      if (state === undefined) this.over(container, 'was removed');
      else if (state === 'exited' || state === 'dead') {
        const facts = await this.parts.facts.of(engineId);
        await this.died(container, facts?.exitCode ?? killedCode);
      }
    }
    await this.parts.renewIsolation();
  }

  private async upkeep(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    try {
      for (const container of this.containers.values()) await container.keepMark();
      await this.factory.leftovers.tryAgain();
      this.rounds += 1;
      if (this.rounds % isolationRounds === 0) await this.parts.renewIsolation();
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'docker: upkeep failed (tried again)');
    } finally {
      this.isBusy = false;
    }
  }

  private get label(): string {
    return `${labels.node}=${this.parts.owner}`;
  }

  private known(id: string): DockerContainer {
    const container = this.containers.get(id);
    if (!container) throw new Error(`container ${id}: the docker driver does not know it`);
    return container;
  }
}
