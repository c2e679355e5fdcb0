// Makes one container of the engine, from its image to a server that listens, or leaves nothing of it and says why.
import { join } from 'node:path';
import { messages } from '#entity';
import type { ContainerAddresses } from '#protocol';
import { AddressInUse, CannotCreate, type ContainerSpec, outOfMemory } from '../container-driver';
import { hardening } from '../hardening';
import { Permits } from '../permits';
import { within } from '../within';
import { awaitServer } from './await-server';
import { type ContainerPlan, createOptions, splitAddress } from './create-options';
import { type ContainerIdentity, DockerContainer, readMark } from './docker-container';
import type { DockerDriverParts } from './docker-driver';
import { EngineError, EngineGone } from './engine-client';
import type { LogMark } from './json-log';
import { Leftovers } from './leftovers';
import { SocketDirectory } from './socket-directory';

/** Below the driver's directory; short, since paths of sockets are. */
export const socketsFolder = 's';
const lastWordsBytes = 500;

/** Half of a creation. */
interface Made {
  container?: DockerContainer;
  sockets?: SocketDirectory;
  /** The engine was asked to make it. */
  wasAsked?: boolean;
}

class EndedEarly extends Error {
  constructor(
    message: string,
    readonly isOutOfMemory: boolean,
  ) {
    super(message);
  }
}

export class ContainerFactory {
  readonly leftovers: Leftovers;
  private readonly permits: Permits;
  private limitsLayers = true;

  constructor(
    private readonly parts: DockerDriverParts,
    /** By the engine's id: whoever hears of a container's end looks here. */
    private readonly byEngineId: Map<string, DockerContainer>,
  ) {
    this.permits = new Permits(parts.limits.engineCreationsCount);
    this.leftovers = new Leftovers(parts.engine, parts.clock, parts.logger);
  }

  async make(spec: ContainerSpec, timeoutMs: number, signal: AbortSignal): Promise<DockerContainer> {
    const late = AbortSignal.timeout(timeoutMs);
    const over = AbortSignal.any([signal, late]);
    const made: Made = {};
    let release: (() => void) | undefined;
    try {
      release = await this.permits.take(over);
      return await this.makeIn(made, spec, over);
    } catch (error) {
      await this.undo(spec.id, made, error);
      throw whyNot(spec, error, signal.aborted, late.aborted, timeoutMs);
    } finally {
      release?.();
    }
  }

  /** What is made is noted in `made` at once. */
  private async makeIn(made: Made, spec: ContainerSpec, over: AbortSignal): Promise<DockerContainer> {
    const { images, engine, limits } = this.parts;
    const { name: image, isOurs, command } = await images.find(spec.kind, spec.image, over);
    over.throwIfAborted();
    const sockets = this.socketsFor(spec.id, isOurs);
    if (sockets) made.sockets = sockets;
    sockets?.make();
    made.wasAsked = true;
    const plan = { ...this.plan(), image, isOurs, command, socketDirectory: sockets?.path };
    const engineId = await this.ask(spec, plan);
    const container = this.known({ id: spec.id, engineId, address: spec.address, sockets });
    made.container = container;
    over.throwIfAborted();
    await engine.start(engineId, limits.engineCallMs);
    await this.awaitServer(container, over);
    container.addresses = this.addressesOf(spec.address, sockets);
    return container;
  }

  /**
   * Starts one again that was killed, and answers what it is from now on. What its first life wrote has been read.
   * The engine's word of its first end must have been heard before, or it would pass for the second one's.
   */
  async startAnew(former: DockerContainer, timeoutMs: number): Promise<DockerContainer> {
    const { engine, limits } = this.parts;
    const { id, engineId, address, sockets } = former.identity;
    await within(timeoutMs, former.died, () => new Error(`the engine did not tell of its end within ${timeoutMs} ms`));
    sockets?.remove();
    sockets?.make();
    former.logs.skipAll();
    const mark = former.logs.mark();
    former.logs.close();
    const container = this.known({ id, engineId, address, sockets }, mark);
    const over = AbortSignal.timeout(timeoutMs);
    try {
      await engine.start(engineId, limits.engineCallMs);
      await this.awaitServer(container, over);
    } catch (error) {
      container.isEnding = true;
      throw over.aborted ? new Error(`it did not listen within ${timeoutMs} ms`, { cause: error }) : error;
    }
    container.addresses = this.addressesOf(address, sockets);
    return container;
  }

  /** Begins to follow a container that the engine has. */
  known(identity: Omit<ContainerIdentity, 'markPath'>, mark?: LogMark): DockerContainer {
    const { engine, facts, findFreezer, limits } = this.parts;
    const markPath = join(this.parts.directory, `${identity.id}.mark`);
    const parts = { engine, facts, findFreezer, logFilesCount: limits.engineLogFilesCount };
    const container = new DockerContainer(parts, { ...identity, markPath }, mark ?? readMark(markPath));
    this.byEngineId.set(identity.engineId, container);
    return container;
  }

  addressesOf(address: string, sockets: SocketDirectory | undefined): ContainerAddresses {
    const unixSocket = sockets?.seal();
    return {
      ...(this.parts.reach === 'container' ? { container: address } : { published: address }),
      ...(unixSocket === undefined ? {} : { unixSocket }),
    };
  }

  private async ask(spec: ContainerSpec, plan: ContainerPlan): Promise<string> {
    const { engine, limits, logger } = this.parts;
    const attempt = (writableMb?: number): Promise<string> =>
      engine.create(this.nameOf(spec.id), createOptions(spec, { ...plan, writableMb }), limits.engineCallMs);
    if (plan.isOurs || !this.limitsLayers) return attempt();
    try {
      return await attempt(limits.writableLayerMb);
    } catch (error) {
      if (!(error instanceof EngineError) || !/storage.?opt|quota/i.test(error.message)) throw error;
      this.limitsLayers = false;
      logger.warn(
        `docker: what foreign images write is not limited, since the engine cannot do that (${error.message})`,
      );
      return attempt();
    }
  }

  private async awaitServer(container: DockerContainer, over: AbortSignal): Promise<void> {
    const { facts, network, reach } = this.parts;
    const { engineId, address } = container.identity;
    // A published port accepts before there is a server behind it; the container's own address does not.
    const own = reach === 'container' ? splitAddress(address).host : (await facts.of(engineId))?.addresses[network];
    if (!own) throw new Error('the engine gave it no address');
    const why = await awaitServer({ host: own, port: hardening.serverPort, ended: container.ended, signal: over });
    over.throwIfAborted();
    if (why !== undefined)
      throw new EndedEarly(`it ${why} before it listened${lastWords(container)}`, why === outOfMemory);
  }

  private async undo(id: string, { container, sockets, wasAsked }: Made, error: unknown): Promise<void> {
    if (container) {
      container.isEnding = true;
      this.byEngineId.delete(container.identity.engineId);
    }
    if (wasAsked) await this.leftovers.remove(this.nameOf(id), !container && error instanceof EngineGone);
    sockets?.remove();
    await container?.forget();
  }

  private plan(): Omit<ContainerPlan, 'image' | 'isOurs' | 'command'> {
    const { owner, network, reach, apiHost, limits } = this.parts;
    const log = { fileBytes: limits.engineLogFileBytes, filesCount: limits.engineLogFilesCount };
    return { owner, network, reach, apiHost, log };
  }

  private socketsFor(id: string, isOurs: boolean): SocketDirectory | undefined {
    const path = join(this.parts.directory, socketsFolder, id);
    return isOurs && this.parts.offersSockets && SocketDirectory.isPossible(path)
      ? new SocketDirectory(path)
      : undefined;
  }

  private nameOf(id: string): string {
    return `hearth-${this.parts.owner}-${id}`;
  }
}

function whyNot(
  { id, address }: ContainerSpec,
  error: unknown,
  isGivenUp: boolean,
  isLate: boolean,
  timeoutMs: number,
): Error {
  const because = (reason: string): Error => new Error(`container ${id} was not created: ${reason}.`, { cause: error });
  if (error instanceof CannotCreate) return error;
  if (isGivenUp) return because('its creation was given up');
  if (isLate) return because(`it did not listen on ${address} within ${timeoutMs} ms`);
  if (error instanceof EndedEarly && error.isOutOfMemory)
    return new CannotCreate(messages.memoryExhausted, { cause: error });
  const text = error instanceof Error ? error.message : String(error);
  if (/address already in use|port is already allocated/i.test(text))
    return new AddressInUse(address, { cause: error });
  return because(text);
}

function lastWords({ logs }: DockerContainer): string {
  const bytes = Buffer.alloc(lastWordsBytes);
  const text = bytes.toString('utf8', 0, logs.peek('stderr', bytes)).trim();
  return text && `; it wrote: ${text}`;
}
