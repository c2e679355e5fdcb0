// The `runc` driver: OCI containers straight from runc, without a daemon. Each has a network namespace, cgroup and read-only root of its own, and outlives
// the agent: the next life takes over what runs, frozen or not, and removes the rest.
//
// Guarantees: create takes its address in the same step in which it finds it free; suspend, resume and the emptying of logs of one container never
// overlap; whatever fails on the way, nothing of the container stays on the machine.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from '#entity';
import type { Limits } from '#limits';
import type { ContainerAddresses } from '#protocol';
import type { Logger } from '#telemetry';
import {
  AddressInUse,
  CannotCreate,
  type ContainerDriver,
  type ContainerSpec,
  outOfMemory,
  type Recovered,
} from '../container-driver';
import { hardening } from '../hardening';
import type { LogSource } from '../logs/log-source';
import { awaitListener } from '../process/await-listener';
import { Turns } from '../turns';
import { within } from '../within';
import { runtimeEnvironment } from './action-environment';
import { Cell, type CellSurroundings, type CellTemplate } from './cell';
import { type CellRecord, readCellRecord } from './cell-record';
import { removeCgroup } from './cgroups';
import { ImageCache } from './images/image-cache';
import type { ImageSource } from './images/image-source';
import { KeptLogFiles } from './kept-log-files';
import { entriesOf, type Machine, removeLeftovers } from './leftovers';
import { namesOf } from './names';
import { NamespaceStock } from './network/namespace-stock';
import { Network, type NetworkSettings } from './network/network';
import { PreparedCells } from './prepared-cells';
import { chooseSuspension, type Suspension } from './suspension';

export interface RuncDriverSettings {
  /** Absolute; of this agent alone. */
  readonly directory: string;
  /** Kinds that can be started here, with their images. */
  readonly images: ReadonlyMap<string, string>;
  readonly source: ImageSource;
  readonly network: Omit<NetworkSettings, 'timeoutMs'>;
  readonly keeperPrefix: readonly string[];
  readonly limits: Limits;
  readonly logger: Logger;
}

interface Container {
  readonly cell: Cell;
  readonly address: string;
  readonly logs: KeptLogFiles;
  readonly turns: Turns;
  readonly suspension: Suspension;
  isSuspended: boolean;
  /** Somebody asked for its end. */
  isEnding: boolean;
}

export class RuncDriver implements ContainerDriver {
  readonly name = 'runc';
  readonly blackbox = true;
  readonly kinds: readonly string[];
  readonly addresses: readonly string[];
  private readonly containers = new Map<string, Container>();
  /** Of containers that are there or being created. */
  private readonly taken = new Set<string>();
  private readonly making = new Set<Cell>();
  private readonly machine: Machine;
  private readonly network: Network;
  private readonly cache: ImageCache;
  private readonly surroundings: CellSurroundings;
  private readonly prepared: PreparedCells;
  private stock: NamespaceStock | undefined;
  private nextCell = 0;
  private exitListener: (id: string, reason: string) => void = () => undefined;

  constructor(private readonly settings: RuncDriverSettings) {
    const { directory, images, source, network, keeperPrefix, limits, logger } = settings;
    const names = namesOf(directory);
    const timeoutMs = limits.runcCommandTimeoutMs;
    this.kinds = [...images.keys()];
    this.addresses = network.subnet.hosts.map((host) => `${host}:${hardening.serverPort}`);
    this.network = new Network(names, { ...network, timeoutMs });
    this.machine = { names, outputDirectory: join(directory, 'containers'), network: this.network, timeoutMs };
    this.cache = new ImageCache({
      directory: join(directory, 'images'),
      source,
      bytesMax: limits.imageCacheBytes,
      unpackTimeoutMs: limits.imageUnpackTimeoutMs,
      commandTimeoutMs: timeoutMs,
      inUse: () => this.digestsInUse(),
    });
    this.surroundings = {
      names,
      outputDirectory: this.machine.outputDirectory,
      cache: this.cache,
      keeperPrefix,
      resolvConf: join(names.runDirectory, 'resolv.conf'),
      hosts: join(names.runDirectory, 'hosts'),
      writableLayerMb: limits.writableMemoryMb,
      commandTimeoutMs: timeoutMs,
      takeNamespace: () => this.opened().take(),
      removeNamespace: (namespace, host) => this.network.removeNamespace(namespace, host),
    };
    this.prepared = new PreparedCells(limits.preparedContainersCount, (template) => this.make(template, true), logger);
  }

  async recover(): Promise<Recovered> {
    const { names, outputDirectory } = this.machine;
    const { runDirectory, cellsDirectory, stateDirectory } = names;
    for (const directory of [runDirectory, cellsDirectory, stateDirectory, outputDirectory])
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    await this.network.open();
    await this.cache.open();
    writeFileSync(this.surroundings.hosts, '127.0.0.1\tlocalhost\n');
    writeFileSync(this.surroundings.resolvConf, this.network.nameServers.map((ip) => `nameserver ${ip}\n`).join(''));
    const cells = entriesOf(cellsDirectory);
    const namespaces = this.network.namespaces();
    this.nextCell = Math.max(0, ...[...cells, ...entriesOf(outputDirectory)].map(numberOf));
    const adopted = new Map<string, { cell: Cell; record: CellRecord }>();
    const ended: { id: string; address: string }[] = [];
    for (const name of cells) {
      const record = readCellRecord(join(cellsDirectory, name));
      if (!record) continue;
      const cell = Cell.adopt(name, record, this.surroundings);
      if (cell.isAlive && namespaces.includes(record.namespace) && this.addresses.includes(record.address))
        adopted.set(name, { cell, record });
      else ended.push({ id: record.id, address: record.address });
    }
    const kept = [...adopted.values()];
    const count = await removeLeftovers(this.machine, {
      names: new Set(adopted.keys()),
      namespaces: new Set(kept.map(({ record }) => record.namespace)),
      hosts: new Set(kept.map(({ cell }) => cell.host ?? '')),
    });
    if (count > 0) this.settings.logger.info(`leftovers: removed ${count} of a former life`);
    const { namespaceStockCount } = this.settings.limits;
    const next = Math.max(0, ...namespaces.map(numberOf));
    this.stock = new NamespaceStock(this.network, namespaceStockCount, next, this.settings.logger);
    this.stock.fill();
    const running: Recovered['running'][number][] = [];
    for (const { cell, record } of adopted.values()) running.push(await this.adopt(cell, record));
    return { running, ended };
  }

  private async adopt(cell: Cell, record: CellRecord): Promise<Recovered['running'][number]> {
    this.taken.add(record.address);
    const container = await this.follow(record.id, record.address, cell, new KeptLogFiles(cell.output));
    container.isSuspended = await container.suspension.isFrozen();
    const state = container.isSuspended ? 'suspended' : 'running';
    return { id: record.id, state, addresses: addressesOf(record.address, cell) };
  }

  async create(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<ContainerAddresses> {
    const { id, address } = spec;
    if (signal.aborted) throw new Error(`container ${id} was not created: its creation was given up.`);
    if (this.taken.has(address)) throw new AddressInUse(address);
    this.taken.add(address);
    let cell: Cell | undefined;
    let logs: KeptLogFiles | undefined;
    try {
      const template = await this.templateInTime(spec, timeoutMs, signal);
      const prepared = this.prepared.take(template);
      cell = prepared ?? (await this.make(template, false, (made) => (cell = made)));
      this.making.add(cell);
      const [host = '', port = ''] = address.split(':');
      cell.host = host;
      cell.writeRecord(id, address);
      await Promise.all([this.network.assign(cell.namespace ?? '', host), prepared?.openGate(timeoutMs)]);
      logs = new KeptLogFiles(cell.output);
      await awaitListener(cell, logs, { id, host, port: Number(port), timeoutMs, signal });
      await cell.settle();
      cell.writeRecord(id, address);
      await this.follow(id, address, cell, logs);
      return addressesOf(address, cell);
    } catch (error) {
      logs?.close();
      await cell?.remove();
      this.taken.delete(address);
      if (cell?.hasExited && (await cell.exited).startsWith(outOfMemory))
        throw new CannotCreate(messages.memoryExhausted, { cause: error });
      throw error;
    } finally {
      if (cell) this.making.delete(cell);
      this.stock?.fill();
    }
  }

  /** `seen` gets the cell before anything of it is on the machine. */
  private async make(template: CellTemplate, hasGate: boolean, seen?: (cell: Cell) => void): Promise<Cell> {
    this.nextCell += 1;
    const cell = new Cell(`cell-${this.nextCell}`, template.image.digest, this.surroundings);
    seen?.(cell);
    try {
      await cell.start(template, hasGate);
      // After a creation that somebody waits for, its end does that.
      if (hasGate) this.stock?.fill();
      return cell;
    } catch (error) {
      await cell.remove();
      throw error;
    }
  }

  /** An image that takes long is unpacked all the same, for whoever asks next. */
  private async templateInTime(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<CellTemplate> {
    const failed = (why: string): Error => new Error(`container ${spec.id} was not created: ${why}.`);
    const template = await within(timeoutMs, this.templateOf(spec), () =>
      failed(`its image was not unpacked within ${timeoutMs} ms`),
    );
    if (signal.aborted) throw failed('its creation was given up');
    return template;
  }

  private async templateOf({ id, kind, image, memoryMb, concurrency }: ContainerSpec): Promise<CellTemplate> {
    const name = image ?? this.settings.images.get(kind);
    if (name === undefined) throw new CannotCreate(`Container ${id} is of kind ${kind}, which has no image here.`);
    const isForeign = image !== undefined;
    const environment = runtimeEnvironment({ memoryMb, concurrency, isForeign, apiHost: this.network.apiHost });
    return { image: await this.cache.get(name), isForeign, memoryMb, environment };
  }

  private async follow(id: string, address: string, cell: Cell, logs: KeptLogFiles): Promise<Container> {
    const { names, timeoutMs } = this.machine;
    const how = { name: cell.name, stateDirectory: names.stateDirectory, timeoutMs };
    const suspension = await chooseSuspension(cell.pid, how);
    const container = { cell, logs, address, turns: new Turns(), suspension, isSuspended: false, isEnding: false };
    this.containers.set(id, container);
    void cell.exited.then((reason) => {
      if (!container.isEnding) this.exitListener(id, reason);
    });
    return container;
  }

  async suspend(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(async () => {
      await container.suspension.freeze();
      container.isSuspended = true;
    });
  }

  async resume(id: string): Promise<void> {
    const container = this.known(id);
    await container.turns.take(async () => {
      await container.suspension.thaw();
      container.isSuspended = false;
    });
  }

  /** Chosen once. */
  suspendedBy(id: string): string | undefined {
    return this.containers.get(id)?.suspension.name;
  }

  async kill(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    container.isEnding = true;
    await container.turns.take(() => container.cell.end());
  }

  async remove(id: string): Promise<void> {
    const container = this.containers.get(id);
    if (!container) return;
    container.isEnding = true;
    await container.turns.take(() => container.cell.remove());
    container.logs.close();
    this.taken.delete(container.address);
    this.containers.delete(id);
  }

  /** By another one in its place: what is to be kept of it is its id and its address. */
  async wipe(spec: ContainerSpec, timeoutMs: number): Promise<ContainerAddresses> {
    this.known(spec.id);
    await this.remove(spec.id);
    return this.create(spec, timeoutMs, new AbortController().signal);
  }

  logs(id: string): LogSource | undefined {
    return this.containers.get(id)?.logs;
  }

  async emptyLogs(id: string, drain: () => Promise<void>): Promise<boolean> {
    const container = this.known(id);
    return container.turns.take(async () => {
      if (container.isSuspended || container.isEnding || container.cell.hasExited) return false;
      await container.suspension.freeze();
      try {
        await drain();
        container.logs.empty();
        return true;
      } finally {
        await container.suspension.thaw();
      }
    });
  }

  onExit(listener: (id: string, reason: string) => void): void {
    this.exitListener = listener;
  }

  async close(): Promise<void> {
    await Promise.all([...this.containers.keys()].map((id) => this.remove(id)));
    await this.prepared.close();
    await this.stock?.close();
    await this.cache.close();
    await this.network.close();
    await removeCgroup(this.machine.names.cgroup);
    rmSync(this.machine.names.runDirectory, { recursive: true, force: true });
  }

  private digestsInUse(): Set<string> {
    const cells = [...[...this.containers.values()].map(({ cell }) => cell), ...this.making];
    return new Set([...cells.map(({ digest }) => digest), ...this.prepared.digests]);
  }

  private opened(): NamespaceStock {
    if (!this.stock) throw new Error('the runc driver is used before it has recovered');
    return this.stock;
  }

  private known(id: string): Container {
    const container = this.containers.get(id);
    if (!container) throw new Error(`container ${id}: the runc driver does not know it`);
    return container;
  }
}

const addressesOf = (address: string, { socket }: Cell): ContainerAddresses => ({
  container: address,
  ...(socket === undefined ? {} : { unixSocket: socket }),
});

/** What follows the last hyphen. */
const numberOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1)) || 0;
