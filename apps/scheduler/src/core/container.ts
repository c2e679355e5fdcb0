// One container as the scheduler sees it. Only Containers changes its state.
import type { ContainerAddresses, Note, RemovalReason } from '#protocol';
import type { KeyUse } from './action-keys';
import type { Demand } from './demand';
import type { StreamId } from './effects';
import type { Hold } from './hold';
import type { Node } from './node';
import type { Owner } from './session';
import type { KeptDeadline } from './timers';
import type { Use } from './use';

export type ContainerState =
  /** The agent was asked to make it; its memory is taken. */
  | 'creating'
  /** Started, never bound to anybody. */
  | 'stem-cell'
  /** The agent was asked to write the note of its next owner; reserved until the agent's word. */
  | 'binding'
  /** Found at its node with a note, not yet claimed by that owner. Counts as busy. */
  | 'unclaimed'
  /** Its owner has something in flight or reserved, or has not said otherwise since the grant. */
  | 'busy'
  /** Its owner would give it up. */
  | 'free'
  /** Free and frozen. */
  | 'suspended'
  /** Its owner was asked whether we may have it now. */
  | 'reclaiming'
  /** Its owner was told to run nothing new in it. */
  | 'retiring'
  /** For its action key and owned by nobody: given up by its owner, or made for waiters that are gone. */
  | 'parked'
  /** The agent was asked to remove it; its memory is taken until the agent's word. */
  | 'removing';

export type Start = 'warm' | 'prewarmed' | 'cold';

/** Why a container is being removed, and what its owner is told once it is gone. */
export interface Removal {
  reason: RemovalReason;
  attempts: number;
  /** The reason in Gone; undefined when the owner gave it up itself. */
  gone: string | undefined;
  /** What its owner has said last of its use, for if it is refused. */
  heard: Use | undefined;
}

/** Of a container that a former leader made: about what an engine needs. */
const creationUnknownMs = 500;

/** What never changes, but for the note and what its agent says. */
export interface ContainerGiven {
  readonly id: string;
  readonly kind: string;
  readonly image: string | undefined;
  readonly memoryMb: number;
  readonly concurrency: number;
  readonly note: Note | undefined;
}

export class Container {
  readonly id: string;
  readonly kind: string;
  readonly image: string | undefined;
  readonly memoryMb: number;
  readonly concurrency: number;
  /** What the agent keeps, or will keep once it has created or bound it. */
  note: Note | undefined;
  /** The note before the one being bound. */
  noteBefore: Note | undefined = undefined;
  addresses: ContainerAddresses = {};
  /** Its action key's, unless it has none or is being removed. */
  keyUse: KeyUse | undefined = undefined;
  /** Its number on its node. */
  slot = -1;
  /** Who may use it, once bound. */
  owner: Owner | undefined = undefined;
  /** Whose supply it is while it is being created, bound or moved. */
  demand: Demand | undefined = undefined;
  /** The namespace that has it in use, by its last report. */
  inUseBy: string | undefined = undefined;
  /** What its memory is being freed for. */
  hold: Hold | undefined = undefined;
  start: Start = 'cold';
  /** Its Grant has left on a stream. */
  isGrantOnWire = false;
  /** The stream on which its owner was granted it, or claimed it last. */
  toldOn: StreamId | undefined = undefined;
  /** Its runtime has run its action: it was reported free once since its grant, or was granted warm. */
  isInitialised = false;
  lastUsedMs: number;
  /** How often its use was heard of: grants, and reports that it is busy again. */
  uses = 0;
  /** Its node's reclaim clock when it was last used. */
  usedAtClock: number;
  /** How long its creation took, and so what doing without it costs. */
  creationMs = creationUnknownMs;
  /** When it was granted to, or claimed by, its owner. */
  grantedMs: number;
  /** Sequence of the input by which its agent confirmed it. */
  confirmedAt = 0;
  bindAttempts = 0;
  /** What its present state waits for at most: an owner's answer, or until a bind or a removal is repeated. */
  deadline: KeptDeadline | undefined = undefined;
  /** When it may have been idle for too long, and has to be looked at. */
  idleDeadline: KeptDeadline | undefined = undefined;
  /** Not worth keeping once given up: idle for too long, or of an old revision. */
  isDoomed = false;
  removal: Removal | undefined = undefined;

  constructor(
    readonly node: Node,
    public state: ContainerState,
    { id, kind, image, memoryMb, concurrency, note }: ContainerGiven,
    nowMs: number,
  ) {
    this.id = id;
    this.kind = kind;
    this.image = image;
    this.memoryMb = memoryMb;
    this.concurrency = concurrency;
    this.note = note;
    this.lastUsedMs = nowMs;
    this.usedAtClock = node.reclaimClock;
    this.grantedMs = nowMs;
  }
}

/** Stem cells match by kind and memory. */
export function stemKey(kind: string, memoryMb: number): string {
  return `${kind}|${memoryMb}`;
}
