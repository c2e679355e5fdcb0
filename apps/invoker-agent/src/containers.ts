// The containers of this node: asks the ledger what may be done, stores what it decided, and has the driver do it.
//
// Guarantees: nothing is obeyed before the ledger's effects are on disk; a command that comes twice is done once, and both askers learn how it
// ended; when an asker's time is over the work goes on, and only its end changes the ledger. Decisions and their effects are one synchronous
// step each; what comes after an await asks the ledger again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type {
  Cordon,
  Bind,
  ContainerAddresses,
  CreateContainer,
  CreatedContainer,
  EndingReply,
  Inventory,
  LeaseReply,
  LogReply,
  LogRequest,
  Remove,
  SuspendRequest,
} from '#protocol';
import type { Logger } from '#telemetry';
import { AddressInUse, CannotCreate, type ContainerDriver, outOfMemory } from './container-driver';
import type { SuspendVerb } from './ledger/container-record';
import type { Ledger } from './ledger/ledger';
import { Refusal } from './ledger/refusal';
import { neverBound } from './ledger/stored-note';
import type { Effect, Verdict } from './ledger/verdict';
import type { LogCollector } from './logs/log-collector';
import { Permits } from './permits';
import type { StateFiles } from './state-files';
import { within } from './within';

export interface ContainersParts {
  readonly ledger: Ledger;
  readonly files: StateFiles;
  readonly driver: ContainerDriver;
  readonly logs: LogCollector;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: Logger;
  readonly parallelCreations: number;
  /** A container ended by itself. */
  readonly onExit: () => void;
  /** How long a creation took from command to listener, when it succeeded. */
  readonly onCreated: (ms: number) => void;
  /** How long it took to collect the log of one activation for who asked. */
  readonly onLogged: (isDone: boolean, ms: number) => void;
}

const endingPollMs = 10;
/** Their owners ask at once or not at all. */
const endingsKept = 100;

interface Creation {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

export class Containers {
  private readonly creations = new Map<string, Creation>();
  private readonly removals = new Map<string, Promise<void>>();
  private readonly wipes = new Map<string, Promise<void>>();
  /** Why the last that ended by themselves did; the scheduler may have them removed before their owners have asked. */
  private readonly endings = new Map<string, string>();
  private readonly permits: Permits;

  constructor(private readonly parts: ContainersParts) {
    this.permits = new Permits(parts.parallelCreations);
    parts.driver.onExit((id, reason) => this.exited(id, reason));
  }

  // ---- at start ----

  /** Takes over what runs on from a former life, ends what it may not, and quarantines the addresses of what is no more. */
  async recover(): Promise<void> {
    const { ledger, files, driver, logger, clock } = this.parts;
    const { notes, unreadable } = files.readNotes();
    const { running, ended } = await driver.recover();
    const notesById = new Map(notes.map((note) => [note.id, note]));
    const endedById = new Map(ended.map(({ id, address }) => [id, address]));
    const now = clock.now();
    for (const { id, state, addresses } of running) {
      const stored = notesById.get(id);
      notesById.delete(id);
      if (stored && stored.wiping !== true) {
        const note = stored.note === neverBound ? undefined : stored.note;
        ledger.adopt({ ...stored, note }, state, addresses, now);
        this.follow(id);
        if (state === 'suspended') await this.parts.logs.suspended(id);
      } else {
        const why = stored ? 'it was about to be wiped' : 'it has no readable note';
        logger.warn({ container: id }, `container ${id}: removed (${why})`);
        await driver.remove(id);
        this.store([{ store: 'no-note', id }]);
      }
    }
    for (const { id, note, address } of notesById.values()) {
      endedById.delete(id);
      if (note === neverBound) this.store([{ store: 'no-note', id }]);
      else ledger.lost(id, address, now);
    }
    // Whether these were bound nobody knows.
    for (const [id, address] of endedById) ledger.lost(id, address, now);
    for (const id of unreadable) if (!endedById.has(id)) this.store([{ store: 'no-note', id }]);
    const lost = notesById.size + unreadable.length;
    if (lost > 0) logger.info(`containers: ${lost} of a former life are no more`);
  }

  // ---- the scheduler's commands ----

  async create(epoch: bigint, spec: CreateContainer): Promise<CreatedContainer> {
    const { driver, limits } = this.parts;
    if (!driver.kinds.includes(spec.kind) && !(driver.blackbox && spec.image !== undefined)) {
      throw new Refusal(
        'cannot-create',
        `The driver ${driver.name} cannot start containers of kind ${spec.kind} here.`,
      );
    }
    const step = this.decide((ledger, now) => ledger.create(epoch, spec, now));
    if (step.step === 'there') return { id: spec.id, addresses: step.addresses };
    const creation = this.creations.get(spec.id) ?? this.begin(spec);
    await within(limits.createTimeoutMs, creation.done, () => this.overdue(spec.id, 'created', limits.createTimeoutMs));
    const record = this.parts.ledger.get(spec.id);
    if (record?.state === 'running' || record?.state === 'suspended')
      return { id: spec.id, addresses: record.addresses };
    if (record?.state === 'exited')
      throw new Refusal('driver-failed', `Container ${spec.id} ${record.exitReason} at once.`);
    throw new Refusal('removed', `Container ${spec.id} was removed while it was created.`);
  }

  /** Answers where it is: one that was wiped may be elsewhere. */
  async bind(epoch: bigint, id: string, bind: Bind): Promise<ContainerAddresses> {
    const { createTimeoutMs } = this.parts.limits;
    const step = this.decide((ledger, now) => ledger.bind(epoch, id, bind, now));
    if (step !== 'bound') {
      const wipe = this.wipes.get(id) ?? this.beginWipe(id);
      await within(createTimeoutMs, wipe, () => this.overdue(id, 'wiped', createTimeoutMs));
    }
    this.parts.logger.debug(
      { container: id, grant: bind.note.grantId },
      `container ${id}: bound to ${bind.note.owner}`,
    );
    return this.parts.ledger.get(id)?.addresses ?? {};
  }

  async remove(epoch: bigint, id: string, command: Remove): Promise<void> {
    const { removeTimeoutMs } = this.parts.limits;
    if (this.decide((ledger, now) => ledger.remove(epoch, id, command, now)) === 'gone') return;
    let removal = this.removals.get(id);
    if (!removal) {
      removal = this.end(id, command).finally(() => this.removals.delete(id));
      this.removals.set(id, removal);
    }
    await within(removeTimeoutMs, removal, () => this.overdue(id, 'removed', removeTimeoutMs));
  }

  inventory(epoch: bigint | undefined): Inventory {
    const inventory = this.decide((ledger, now) => ledger.inventory(epoch, now));
    const { driver } = this.parts;
    const containers = inventory.containers.map((row) => {
      const suspendedBy = driver.suspendedBy?.(row.id);
      return suspendedBy === undefined ? row : { ...row, suspendedBy };
    });
    return { ...inventory, containers };
  }

  cordon(epoch: bigint, cordon: Cordon): number {
    return this.decide((ledger, now) => ledger.setCordon(epoch, cordon, now));
  }

  /** Throws a Refusal when the leader that answered is not the highest that was seen. */
  sawEpoch(epoch: bigint): void {
    this.decide((ledger, now) => ledger.sawEpoch(epoch, now));
  }

  // ---- the controllers' commands ----

  renewLease(controllerId: string, incarnation: bigint, leaseMs: number): LeaseReply {
    return this.decide((ledger, now) => ledger.renew(controllerId, incarnation, leaseMs, now));
  }

  endLease(controllerId: string, incarnation: bigint): LeaseReply {
    return this.decide((ledger, now) => ledger.endLease(controllerId, incarnation, now));
  }

  async suspendOrResume(id: string, verb: SuspendVerb, request: SuspendRequest): Promise<void> {
    const { driver, ledger, logs, logger } = this.parts;
    this.decide((_, now) => ledger.suspendOrResume(id, verb, request, now));
    try {
      await (verb === 'suspend' ? driver.suspend(id) : driver.resume(id));
    } catch (error) {
      throw new Refusal('driver-failed', `Container ${id} did not ${verb}: ${messageOf(error)}.`);
    }
    if (verb === 'resume') {
      ledger.resumed(id);
      logs.resumed(id);
      return;
    }
    ledger.suspended(id);
    logs
      .suspended(id)
      .catch((error: unknown) => logger.warn({ err: error, container: id }, 'logs: not read at suspend'));
  }

  /** Undefined: there is nothing. */
  async log(id: string, request: LogRequest): Promise<LogReply | undefined> {
    if (!this.parts.logs.knows(id)) throw new Refusal('unknown-container', `Container ${id} is not here.`);
    const { clock, logs, onLogged } = this.parts;
    const from = clock.now();
    let isDone = false;
    try {
      const reply = await logs.collect(id, request);
      isDone = true;
      return reply;
    } finally {
      onLogged(isDone, clock.now() - from);
    }
  }

  /** Why a container ended. Waits a moment: who ran something in it may know of the end first. */
  async ending(id: string): Promise<EndingReply> {
    const { ledger, limits } = this.parts;
    for (let waitedMs = 0; waitedMs < limits.endingWaitMs; waitedMs += endingPollMs) {
      const reason = this.endings.get(id) ?? ledger.get(id)?.exitReason;
      if (reason !== undefined) return { ended: true, outOfMemory: reason.startsWith(outOfMemory) };
      if (ledger.get(id) === undefined) break;
      await sleep(endingPollMs);
    }
    return { ended: ledger.get(id) === undefined, outOfMemory: false };
  }

  /** The agent stops: ends what cannot outlive it. Notes stay, so that addresses are quarantined by the next life. */
  async close(): Promise<void> {
    const { driver, logs } = this.parts;
    for (const { abort } of this.creations.values()) abort.abort();
    await Promise.allSettled([...this.creations.values()].map(({ done }) => done));
    await Promise.allSettled([...this.removals.values(), ...this.wipes.values()]);
    const ids = [...this.parts.ledger.records()].map(({ id }) => id);
    await Promise.all(ids.map((id) => driver.kill(id)));
    await logs.close();
    await driver.close();
  }

  // ---- what it takes ----

  private begin(spec: CreateContainer): Creation {
    const abort = new AbortController();
    const done = this.start(spec, abort.signal).finally(() => this.creations.delete(spec.id));
    // Each asker gets the failure; there may be none left when it comes.
    done.catch((error: unknown) => this.parts.logger.info(`container ${spec.id}: not created (${messageOf(error)})`));
    const creation = { abort, done };
    this.creations.set(spec.id, creation);
    return creation;
  }

  private async start(spec: CreateContainer, signal: AbortSignal): Promise<void> {
    const { ledger, limits, clock, logger } = this.parts;
    const from = clock.now();
    try {
      const release = await this.permits.take(signal);
      try {
        const addresses = await this.createSomewhere(spec, limits.createTimeoutMs, signal);
        ledger.created(spec.id, addresses);
      } finally {
        release();
      }
    } catch (error) {
      this.store(ledger.creationFailed(spec.id, clock.now()));
      throw refusalOf(spec.id, error, signal);
    }
    const tookMs = clock.now() - from;
    this.parts.onCreated(tookMs);
    logger.info(
      { kind: spec.kind, memoryMb: spec.memoryMb },
      `container ${spec.id}: created (in ${Math.round(tookMs)} ms)`,
    );
    this.follow(spec.id);
    if (ledger.get(spec.id)?.state === 'exited') this.parts.onExit();
  }

  /** At the address that the ledger chose, or the next ones if something else uses it. */
  private async createSomewhere(
    spec: CreateContainer,
    timeoutMs: number,
    signal: AbortSignal,
  ): ReturnType<ContainerDriver['create']> {
    const { driver, ledger, logger } = this.parts;
    for (let tries = driver.addresses.length; ; tries -= 1) {
      const address = ledger.get(spec.id)?.address;
      if (address === undefined) throw new Error('its record is gone');
      const { id, kind, image, memoryMb, concurrency } = spec;
      try {
        return await driver.create(
          { id, kind, ...(image === undefined ? {} : { image }), memoryMb, concurrency, address },
          timeoutMs,
          signal,
        );
      } catch (error) {
        if (!(error instanceof AddressInUse) || tries === 0) throw error;
        logger.warn(`container ${id}: goes elsewhere (${error.message})`);
        this.decide((_, __) => ledger.otherAddress(id));
      }
    }
  }

  private beginWipe(id: string): Promise<void> {
    const wipe = this.wipe(id).finally(() => this.wipes.delete(id));
    // Each asker gets the failure; there may be none left when it comes.
    wipe.catch((error: unknown) => this.parts.logger.info(`container ${id}: not wiped (${messageOf(error)})`));
    this.wipes.set(id, wipe);
    return wipe;
  }

  /** What its last owner's runs have written is stored first. */
  private async wipe(id: string): Promise<void> {
    const { driver, ledger, logs, limits, files } = this.parts;
    const { kind, memoryMb, concurrency, address } = ledger.get(id)!;
    let addresses: ContainerAddresses;
    try {
      await driver.kill(id);
      await logs.end(id, { failed: false });
      addresses = await driver.wipe!({ id, kind, memoryMb, concurrency, address }, limits.createTimeoutMs);
    } catch (error) {
      ledger.wipeFailed(id, `could not be wiped: ${messageOf(error)}`);
      this.parts.onExit();
      throw new Refusal('unknown-container', `Container ${id} could not be wiped: ${messageOf(error)}.`);
    }
    const effects = ledger.wiped(id, addresses);
    this.follow(id);
    files.store(effects);
  }

  private async end(id: string, { reason, activationId }: Remove): Promise<void> {
    const { ledger, driver, logs, clock, logger } = this.parts;
    const creation = this.creations.get(id);
    creation?.abort.abort();
    await creation?.done.catch(() => undefined); // its askers are told
    await this.wipes.get(id)?.catch(() => undefined); // its askers, too
    try {
      await driver.kill(id);
      await logs.end(id, { failed: reason === 'failed' || ledger.get(id)?.exitReason !== undefined, activationId });
      await driver.remove(id);
    } catch (error) {
      throw new Refusal('driver-failed', `Container ${id} was not removed: ${messageOf(error)}.`);
    }
    this.store(ledger.removed(id, clock.now()));
    logger.info(`container ${id}: removed (${reason})`);
  }

  private follow(id: string): void {
    const { driver, logs, ledger } = this.parts;
    const source = driver.logs(id);
    const isOurs = ledger.get(id)?.image === undefined;
    if (source) logs.follow(id, source, () => ledger.get(id)?.note, isOurs);
  }

  private exited(id: string, reason: string): void {
    if (!this.parts.ledger.exited(id, reason)) return;
    this.parts.logs.exited(id);
    this.endings.set(id, reason);
    if (this.endings.size > endingsKept) this.endings.delete(this.endings.keys().next().value!);
    this.parts.logger.warn(`container ${id}: ended by itself (${reason})`);
    this.parts.onExit();
  }

  /** One step: what the disk owes is stored, the ledger decides, its effects are stored. Throws a Refusal. */
  private decide<T>(ask: (ledger: Ledger, now: number) => Verdict<T>): T {
    const { files, ledger, clock } = this.parts;
    files.flush();
    const verdict = ask(ledger, clock.now());
    files.store(verdict.effects);
    if ('refusal' in verdict) throw verdict.refusal;
    return verdict.value;
  }

  /** Of what has happened already: a disk that refuses it stops the next command, not this. */
  private store(effects: readonly Effect[]): void {
    try {
      this.parts.files.store(effects);
    } catch (error) {
      this.parts.logger.error({ err: error }, 'state files: not written (tried again before the next command)');
    }
  }

  private overdue(id: string, what: string, ms: number): Refusal {
    return new Refusal('timeout', `Container ${id} was not ${what} within ${ms} ms; it may be later.`);
  }
}

function refusalOf(id: string, error: unknown, signal: AbortSignal): Refusal {
  if (error instanceof Refusal) return error;
  if (signal.aborted) return new Refusal('removed', `Container ${id} was removed while it was created.`);
  if (error instanceof CannotCreate) return new Refusal('cannot-create', error.message);
  if (error instanceof AddressInUse) return new Refusal('no-capacity', error.message);
  return new Refusal('driver-failed', messageOf(error));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
