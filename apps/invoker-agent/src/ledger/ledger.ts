// The ledger: the agent's pure record of what it may do. A command or time in; an answer, and what to store before it, out.
//
// Guarantees, whatever the order of commands:
// - no command of an epoch lower than the highest seen changes anything;
// - containers never take more memory together than the node declares, and no two of them have one address;
// - a container that ran an action is bound to another only if it is wiped, and both are of one namespace;
// - a container's grant id only grows; a removal that names another grant, or an orphan whose controller's lease lives, is refused;
// - a suspend whose number is not newer than what was seen is refused; after a start of the agent, which forgets what it has seen, so is every
//   suspend of what it found, for one use lease: by then none of before is on its way;
// - a removed id is not created again while a creation of it may be on its way;
// - the address of a container that ended without its owner's word is not used again before two use leases have passed.
// It does no I/O and knows no clock: containers.ts stores the effects, and then obeys.
import type { Bind, Cordon, CreateContainer, Inventory, LeaseReply, Note, Remove, SuspendRequest } from '#protocol';
import { compareGrantIds, type ContainerAddresses } from '#protocol';
import {
  type ContainerRecord,
  giveTo,
  inventoryRow,
  isLiving,
  isSameNote,
  storedNote,
  suspendFence,
  type SuspendVerb,
  wipeFence,
} from './container-record';
import { type AdoptedContainer, ContainerTable, type ExitedContainer } from './container-table';
import { createAgain, type CreateStep } from './create-step';
import { EpochFence } from './epoch-fence';
import { type LapsedOwner, Lapses } from './lapses';
import { Refusal } from './refusal';
import { Tombstones } from './tombstones';
import { UseLeases } from './use-leases';
import { type Effect, type Verdict, verdict } from './verdict';

export interface LedgerSettings {
  readonly nodeId: string;
  /** One life of the agent process. */
  readonly incarnation: bigint;
  /** What containers may use together. */
  readonly memoryMb: number;
  /** Where the driver can put containers. */
  readonly addresses: Iterable<string>;
  readonly createTimeoutMs: number;
  /** Which the driver can make as new. */
  readonly wipeableKinds: ReadonlySet<string>;
  /** The lease of a controller that was granted a container and has not renewed yet. */
  readonly graceLeaseMs: number;
}

/** What the state files of the agent's former lives say. */
export interface LedgerPast {
  readonly epoch: bigint;
  readonly longestLeaseMs: number;
  readonly cordon: Cordon;
  /** How many orders to cordon, drain or open there were. */
  readonly cordonNumber: number;
}

/** What a bind has to do: nothing more, make the container as new, or wait for the one who does. */
export type BindStep = 'bound' | 'wipe' | 'join';

/** What a removal has to do: end the container, wait for the one who does, or nothing. */
export type RemoveStep = 'end' | 'join' | 'gone';

export class Ledger {
  private readonly containers: ContainerTable;
  private readonly fence: EpochFence;
  private readonly leases: UseLeases;
  private readonly lapses: Lapses;
  private readonly tombstones: Tombstones;
  private cordonKept: Cordon;
  private cordonCount: number;

  constructor(
    private readonly settings: LedgerSettings,
    past: LedgerPast,
    now: number,
  ) {
    this.fence = new EpochFence(past.epoch);
    this.leases = new UseLeases(past.longestLeaseMs, now, settings.graceLeaseMs);
    this.lapses = new Lapses(this.leases);
    this.containers = new ContainerTable(settings.memoryMb, settings.addresses);
    this.tombstones = new Tombstones(2 * settings.createTimeoutMs);
    this.cordonKept = past.cordon;
    this.cordonCount = past.cordonNumber;
  }

  // ---- at start ----

  /** A container of a former life that runs on, with its readable note. */
  adopt(stored: AdoptedContainer, state: 'running' | 'suspended', addresses: ContainerAddresses, now: number): void {
    this.containers.adopt(stored, state, addresses, now + this.settings.graceLeaseMs);
    if (stored.note) this.expect(stored.note, now);
  }

  /** A container of a former life that is no more, and whose owner did not say that it knows. */
  lost(id: string, address: string, now: number): void {
    this.containers.quarantine(address, id, now);
  }

  // ---- the scheduler's commands ----

  create(epoch: bigint, spec: CreateContainer, now: number): Verdict<CreateStep> {
    return this.fenced(epoch, now, (effects) => {
      const there = this.containers.get(spec.id);
      if (there) return createAgain(there);
      if (this.tombstones.has(spec.id, now)) {
        return new Refusal('removed', `Container ${spec.id} was removed before its creation came.`);
      }
      const record = this.containers.reserve(spec);
      if (record instanceof Refusal) return record;
      effects.push({ store: 'note', note: storedNote(record) });
      if (spec.note) this.expect(spec.note, now);
      return { step: 'start', address: record.address };
    });
  }

  bind(epoch: bigint, id: string, { note, wipe = false }: Bind, now: number): Verdict<BindStep> {
    return this.fenced<BindStep>(epoch, now, (effects) => {
      const record = this.containers.get(id);
      if (!record || !isLiving(record.state)) {
        return new Refusal(
          'unknown-container',
          `Container ${id} cannot be bound: it is ${record?.state ?? 'not here'}.`,
        );
      }
      if (record.wiping && isSameNote(note, record.wiping)) return 'join';
      if (record.wiping)
        return new Refusal('driver-failed', `Container ${id} is being wiped for ${record.wiping.grantId}.`);
      const newer = compareGrantIds(note.grantId, record.note?.grantId);
      if (newer < 0 || (newer === 0 && !isSameNote(note, record.note))) {
        return new Refusal(
          'stale-grant',
          `Container ${id} is bound by grant ${record.note?.grantId}; ${note.grantId} is not newer.`,
        );
      }
      const isAnother = record.note !== undefined && record.note.actionKey !== note.actionKey;
      const refusal = isAnother ? wipeFence(record, note, wipe, this.settings.wipeableKinds) : undefined;
      if (refusal) return refusal;
      if (isAnother) record.wiping = note;
      else if (newer > 0) giveTo(record, note);
      this.expect(note, now);
      effects.push({ store: 'note', note: storedNote(record) });
      return isAnother ? 'wipe' : 'bound';
    });
  }

  remove(epoch: bigint, id: string, { grantId, reason }: Remove, now: number): Verdict<RemoveStep> {
    return this.fenced<RemoveStep>(epoch, now, () => {
      const record = this.containers.get(id);
      if (!record) {
        this.tombstones.set(id, now);
        return 'gone';
      }
      const { note } = record;
      if (grantId !== note?.grantId) {
        return new Refusal(
          'stale-grant',
          `Container ${id} is bound by grant ${note?.grantId ?? 'none'}, not ${grantId ?? 'none'}.`,
        );
      }
      if (reason === 'orphan' && note && this.leases.lives(note.owner, BigInt(note.incarnation), now)) {
        return new Refusal(
          'lease-lives',
          `Container ${id} is no orphan: the use lease of ${note.owner}/${note.incarnation} lives.`,
        );
      }
      // Before its creation was answered nobody could know its address.
      if (reason === 'drained' || reason === 'failed' || !note || record.state === 'creating') record.ownersWord = true;
      if (record.state === 'removing') return 'join';
      this.containers.remove(record);
      return 'end';
    });
  }

  inventory(epoch: bigint | undefined, now: number): Verdict<Inventory> {
    const list = (): Inventory => ({
      nodeId: this.settings.nodeId,
      incarnation: String(this.settings.incarnation),
      epoch: String(this.fence.highest),
      memoryMb: this.settings.memoryMb,
      containers: [...this.containers.values()].map(inventoryRow),
      lapsed: this.lapsed(now).map(({ controllerId, incarnation }) => ({
        controllerId,
        incarnation: String(incarnation),
      })),
    });
    return epoch === undefined ? { effects: this.tick(now), value: list() } : this.fenced(epoch, now, list);
  }

  /** No new containers here, or none at all; only kept and told, since placement is the scheduler's. Answers the order's number. */
  setCordon(epoch: bigint, cordon: Cordon, now: number): Verdict<number> {
    return this.fenced(epoch, now, (effects) => {
      this.cordonKept = cordon;
      this.cordonCount += 1;
      effects.push({ store: 'cordon', cordon, number: this.cordonCount });
      return this.cordonCount;
    });
  }

  /** A leader answered a heartbeat. */
  sawEpoch(epoch: bigint, now: number): Verdict<void> {
    return this.fenced(epoch, now, () => undefined);
  }

  // ---- the controllers' commands ----

  renew(controllerId: string, incarnation: bigint, leaseMs: number, now: number): Verdict<LeaseReply> {
    const effects = this.tick(now);
    const renewal = this.leases.renew(controllerId, incarnation, leaseMs, now);
    if (renewal instanceof Refusal) return { effects, refusal: renewal };
    if (renewal.raised) effects.push({ store: 'longest-lease', leaseMs });
    return { effects, value: this.leased(controllerId, incarnation) };
  }

  endLease(controllerId: string, incarnation: bigint, now: number): Verdict<LeaseReply> {
    const effects = this.tick(now);
    this.leases.end(controllerId, incarnation, now);
    return { effects, value: this.leased(controllerId, incarnation) };
  }

  suspendOrResume(id: string, verb: SuspendVerb, { grantId, sequence }: SuspendRequest, now: number): Verdict<void> {
    const effects = this.tick(now);
    const record = this.containers.get(id);
    if (!record) return { effects, refusal: new Refusal('unknown-container', `Container ${id} is not here.`) };
    const refusal = record.wiping
      ? new Refusal('stale-grant', `Container ${id} cannot ${verb}: it is being wiped for another grant.`)
      : suspendFence(record, verb, grantId, sequence, now);
    if (refusal) return { effects, refusal };
    record.sequence = sequence;
    record.verb = verb;
    return { effects, value: undefined };
  }

  // ---- what the driver did ----

  created(id: string, addresses: ContainerAddresses): void {
    const record = this.known(id);
    record.addresses = addresses;
    if (record.state !== 'creating') return;
    if (record.exitReason === undefined) record.state = 'running';
    else this.containers.end(record);
  }

  /** It is as new, and its next owner's; unless somebody has asked for its end meanwhile. */
  wiped(id: string, addresses: ContainerAddresses): Effect[] {
    const record = this.known(id);
    const { wiping } = record;
    record.wiping = undefined;
    record.addresses = addresses;
    if (!wiping || !isLiving(record.state)) return [];
    record.state = 'running';
    giveTo(record, wiping);
    this.lapses.unsure();
    return [{ store: 'note', note: storedNote(record) }];
  }

  /** It has ended; whose it was before has still the last word on it. */
  wipeFailed(id: string, reason: string): void {
    this.known(id).wiping = undefined;
    this.exited(id, reason);
  }

  /** Something else uses the address; the creation goes on with the next one. */
  otherAddress(id: string): Verdict<string> {
    const record = this.known(id);
    const moved = this.containers.moveOn(record);
    if (moved instanceof Refusal) return { effects: [], refusal: moved };
    return { effects: [moved], value: record.address };
  }

  /** Nothing of it is left, and its address never left this node. */
  creationFailed(id: string, now: number): Effect[] {
    const record = this.known(id);
    if (record.state === 'removing') return [];
    record.ownersWord = true;
    return this.containers.release(record, now);
  }

  suspended(id: string): void {
    const record = this.containers.get(id);
    if (record?.state === 'running') record.state = 'suspended';
  }

  resumed(id: string): void {
    const record = this.containers.get(id);
    if (record?.state === 'suspended') record.state = 'running';
  }

  /** Answers whether this is news, and so to be told to the leader at once. */
  exited(id: string, reason: string): boolean {
    const record = this.containers.get(id);
    if (!record || !isLiving(record.state)) return false;
    record.exitReason = reason;
    // Its driver's word that it was created is still to come.
    if (record.state === 'creating') return false;
    this.containers.end(record);
    return true;
  }

  /** Nothing of it is left. */
  removed(id: string, now: number): Effect[] {
    this.tombstones.set(id, now);
    return this.containers.release(this.known(id), now);
  }

  // ---- what is asked ----

  get(id: string): Readonly<ContainerRecord> | undefined {
    return this.containers.get(id);
  }

  get epoch(): bigint {
    return this.fence.highest;
  }

  get cordon(): Cordon {
    return this.cordonKept;
  }

  get cordonNumber(): number {
    return this.cordonCount;
  }

  get memoryUsedMb(): number {
    return this.containers.memoryUsedMb;
  }

  addressCounts(): { free: number; taken: number; quarantined: number } {
    return this.containers.addressCounts();
  }

  records(): Iterable<Readonly<ContainerRecord>> {
    return this.containers.values();
  }

  exitedContainers(): ExitedContainer[] {
    return this.containers.exited();
  }

  /** Incarnations that own something here and whose use lease has lapsed. */
  lapsed(now: number): LapsedOwner[] {
    return this.lapses.of(this.containers.values(), now);
  }

  /** Time alone: ends quarantines, forgets tombstones and controllers of long ago. Part of every command. */
  tick(now: number): Effect[] {
    this.tombstones.expire(now);
    const owners = (controllerId: string): boolean =>
      [...this.containers.values()].some(({ note }) => note?.owner === controllerId);
    this.leases.forget(now, owners);
    return this.containers.endQuarantines(now, 2 * this.leases.longestMs);
  }

  /** A container's note names them from now on. */
  private expect(note: Note, now: number): void {
    this.leases.expect(note.owner, BigInt(note.incarnation), now);
    this.lapses.noted(note, now);
  }

  private fenced<T>(epoch: bigint, now: number, decide: (effects: Effect[]) => T | Refusal): Verdict<T> {
    const effects: Effect[] = [];
    const admitted = this.fence.admit(epoch);
    if (admitted instanceof Refusal) return { effects: this.tick(now), refusal: admitted };
    if (admitted.raised) effects.push({ store: 'epoch', epoch });
    effects.push(...this.tick(now));
    return verdict(effects, decide(effects));
  }

  private leased(controllerId: string, incarnation: bigint): LeaseReply {
    const containers: LeaseReply['containers'] = [];
    for (const { id, state, note } of this.containers.values()) {
      if (note?.owner === controllerId && BigInt(note.incarnation) === incarnation && isLiving(state)) {
        containers.push({ container: id, grantId: note.grantId, state });
      }
    }
    return { containers };
  }

  private known(id: string): ContainerRecord {
    const record = this.containers.get(id);
    if (!record) throw new Error(`ledger: container ${id} is unknown, yet its driver speaks of it`);
    return record;
  }
}
