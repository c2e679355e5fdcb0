// The containers of this node with what they take: memory and an address, taken and given back in one step with the record itself.
//
// Guarantees: the memory of all records together never exceeds what the node declares; no two records have one address.
import type { ContainerAddresses, CreateContainer, Note } from '#protocol';
import { AddressBook } from './address-book';
import { type ContainerRecord, storedNote } from './container-record';
import { Refusal } from './refusal';
import type { StoredNote } from './stored-note';
import type { Effect } from './verdict';

/** As its stored note says it, if that is readable. */
export type AdoptedContainer = Omit<StoredNote, 'note'> & { note: Note | undefined };

export interface ExitedContainer {
  readonly id: string;
  readonly grantId: string | undefined;
  readonly reason: string;
}

export class ContainerTable {
  private readonly records = new Map<string, ContainerRecord>();
  /** Those that ended by themselves and are not being removed; every heartbeat tells them. */
  private readonly ended = new Set<ContainerRecord>();
  private readonly book: AddressBook;
  private usedMb = 0;

  constructor(
    private readonly memoryMb: number,
    addresses: Iterable<string>,
  ) {
    this.book = new AddressBook(addresses);
  }

  get(id: string): ContainerRecord | undefined {
    return this.records.get(id);
  }

  values(): Iterable<ContainerRecord> {
    return this.records.values();
  }

  get memoryUsedMb(): number {
    return this.usedMb;
  }

  addressCounts(): { free: number; taken: number; quarantined: number } {
    return this.book.counts();
  }

  /** A new record in state creating, with memory and address, or why there is no room. */
  reserve(spec: CreateContainer): ContainerRecord | Refusal {
    const freeMb = this.memoryMb - this.usedMb;
    if (spec.memoryMb > freeMb) {
      return new Refusal('no-capacity', `Container ${spec.id} needs ${spec.memoryMb} MB, ${freeMb} MB are free.`);
    }
    const address = this.book.take();
    if (address === undefined) return new Refusal('no-capacity', 'All addresses are taken or in quarantine.');
    return this.add(spec, address, 'creating', {});
  }

  /** A container of a former life that runs on. */
  adopt(
    stored: AdoptedContainer,
    state: 'running' | 'suspended',
    addresses: ContainerAddresses,
    thawedUntil: number,
  ): void {
    this.book.claim(stored.address);
    this.add(stored, stored.address, state, addresses).thawedUntil = thawedUntil;
  }

  end(record: ContainerRecord): void {
    record.state = 'exited';
    this.ended.add(record);
  }

  remove(record: ContainerRecord): void {
    record.state = 'removing';
    this.ended.delete(record);
  }

  exited(): ExitedContainer[] {
    if (this.ended.size === 0) return [];
    return Array.from(this.ended, ({ id, note, exitReason }) => ({
      id,
      grantId: note?.grantId,
      reason: exitReason ?? 'unknown',
    }));
  }

  /** The next address for a creation whose address something else uses. */
  moveOn(record: ContainerRecord): Effect | Refusal {
    const next = this.book.take();
    if (next === undefined) return new Refusal('no-capacity', `Container ${record.id} found no address that is free.`);
    this.book.give(record.address);
    record.address = next;
    return { store: 'note', note: storedNote(record) };
  }

  /** Forgets a container of which nothing is left. Without its owner's word its note stays, and its address is not used for now. */
  release(record: ContainerRecord, now: number): Effect[] {
    this.records.delete(record.id);
    this.ended.delete(record);
    this.usedMb -= record.memoryMb;
    if (!record.ownersWord) {
      this.book.quarantine(record.address, record.id, now);
      return [];
    }
    this.book.give(record.address);
    return [{ store: 'no-note', id: record.id }];
  }

  /** An address whose container ended with a former life of the agent. */
  quarantine(address: string, id: string, now: number): void {
    this.book.quarantine(address, id, now);
  }

  endQuarantines(now: number, quarantineMs: number): Effect[] {
    const released = this.book.release(now, quarantineMs);
    if (released.length === 0) return [];
    return released.filter((id) => !this.records.has(id)).map((id) => ({ store: 'no-note', id }));
  }

  private add(
    { id, kind, image, memoryMb, concurrency, note }: CreateContainer | AdoptedContainer,
    address: string,
    state: ContainerRecord['state'],
    addresses: ContainerAddresses,
  ): ContainerRecord {
    const record: ContainerRecord = {
      id,
      kind,
      image,
      memoryMb,
      concurrency,
      state,
      note,
      wiping: undefined,
      address,
      addresses,
      sequence: 0,
      verb: undefined,
      thawedUntil: 0,
      exitReason: undefined,
      ownersWord: false,
    };
    this.records.set(id, record);
    this.usedMb += memoryMb;
    return record;
  }
}
