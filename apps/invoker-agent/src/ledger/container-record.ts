// One container as the ledger knows it, and what its state allows.
import { namespacesOf } from '#entity';
import type { AgentContainer, AgentContainerState, ContainerAddresses, Note } from '#protocol';
import { compareGrantIds } from '#protocol';
import { Refusal } from './refusal';
import { neverBound, type StoredNote } from './stored-note';

export type SuspendVerb = 'suspend' | 'resume';

export interface ContainerRecord {
  readonly id: string;
  readonly kind: string;
  readonly image: string | undefined;
  readonly memoryMb: number;
  readonly concurrency: number;
  state: AgentContainerState;
  /** undefined: never bound. */
  note: Note | undefined;
  /** It is being made as new for another action: the note that it gets then. */
  wiping: Note | undefined;
  /** Out of the address space. */
  address: string;
  addresses: ContainerAddresses;
  /** The last suspend or resume under the noted grant; 0 when there was none. */
  sequence: number;
  verb: SuspendVerb | undefined;
  /**
   * Until then it is not suspended under the noted grant: the agent was started anew and does not know the numbers that it had seen, and a suspend that
   * its owner has long given up may still be on its way.
   */
  thawedUntil: number;
  /** Why it ended by itself. */
  exitReason: string | undefined;
  /** Whether its owner, if it ever had one, has said that it will not use it again. */
  ownersWord: boolean;
}

/** Whether its owner may still use it. */
export function isLiving(state: AgentContainerState): boolean {
  return state === 'creating' || state === 'running' || state === 'suspended';
}

export function giveTo(record: ContainerRecord, note: Note): void {
  record.note = note;
  record.sequence = 0;
  record.verb = undefined;
  record.thawedUntil = 0;
}

export function storedNote(record: ContainerRecord): StoredNote {
  const { id, kind, image, memoryMb, concurrency, address, note, wiping } = record;
  const stored: StoredNote = { id, kind, memoryMb, concurrency, address, note: note ?? neverBound };
  if (image !== undefined) stored.image = image;
  if (wiping) stored.wiping = true;
  return stored;
}

export function inventoryRow(record: ContainerRecord): AgentContainer {
  const { id, kind, image, memoryMb, concurrency, state, note, addresses } = record;
  return {
    id,
    kind,
    ...(image === undefined ? {} : { image }),
    memoryMb,
    concurrency,
    state,
    ...(note ? { note } : {}),
    addresses,
  };
}

/** The fence of suspend and resume: the noted grant only, and numbers that grow. The same number again is the same command again. */
export function suspendFence(
  record: ContainerRecord,
  verb: SuspendVerb,
  grantId: string,
  sequence: number,
  now: number,
): Refusal | undefined {
  if (record.state !== 'running' && record.state !== 'suspended') {
    return new Refusal('unknown-container', `Container ${record.id} cannot ${verb}: it is ${record.state}.`);
  }
  if (record.note === undefined || compareGrantIds(record.note.grantId, grantId) !== 0) {
    const noted = record.note?.grantId ?? 'none';
    return new Refusal(
      'stale-grant',
      `Container ${record.id} cannot ${verb} for grant ${grantId}: the noted one is ${noted}.`,
    );
  }
  if (sequence < record.sequence || (sequence === record.sequence && verb !== record.verb)) {
    return new Refusal(
      'stale-sequence',
      `Container ${record.id} cannot ${verb} with number ${sequence}: ${record.sequence} (${record.verb}) was seen.`,
    );
  }
  if (verb === 'suspend' && now < record.thawedUntil) {
    return new Refusal(
      'stale-sequence',
      `Container ${record.id} cannot suspend yet: this agent does not know which numbers were seen before it was started.`,
    );
  }
  return undefined;
}

/** Why a used container may not be given to the action of this note; undefined: it may, once it is wiped. */
export function wipeFence(
  record: ContainerRecord,
  next: Note,
  wipe: boolean,
  kinds: ReadonlySet<string>,
): Refusal | undefined {
  const { id, kind, image, note } = record;
  const before = note && namespacesOf(note.actionKey);
  const isOfOneNamespace =
    before !== undefined && before === namespacesOf(next.actionKey) && note?.namespace === next.namespace;
  if (record.state === 'creating') return new Refusal('driver-failed', `Container ${id} is being created.`);
  if (wipe && isOfOneNamespace && image === undefined && kinds.has(kind)) return undefined;
  const why = !wipe
    ? 'it is not wiped'
    : isOfOneNamespace
      ? `${kind} cannot be wiped here`
      : 'they are not of one namespace';
  return new Refusal('bad-request', `Container ${id} of ${note?.actionKey} is not for ${next.actionKey}: ${why}.`);
}

export function isSameNote(left: Note, right: Note | undefined): boolean {
  return (
    right !== undefined &&
    left.owner === right.owner &&
    left.incarnation === right.incarnation &&
    left.actionKey === right.actionKey &&
    left.namespace === right.namespace &&
    left.grantId === right.grantId &&
    left.epoch === right.epoch &&
    left.logLimitMb === right.logLimitMb
  );
}
