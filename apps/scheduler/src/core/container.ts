// One container as the scheduler sees it. Only Containers changes its state.
import type { ContainerAddresses, Note, RemovalReason } from '#protocol';
import type { Demand } from './demand';
import type { Hold } from './hold';
import type { Node } from './node';
import type { Owner } from './session';

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
}

export interface Container {
  readonly id: string;
  readonly node: Node;
  readonly kind: string;
  readonly image: string | undefined;
  readonly memoryMb: number;
  concurrency: number;
  state: ContainerState;
  addresses: ContainerAddresses;
  /** What the agent keeps, or will keep once it has created or bound it. */
  note: Note | undefined;
  /** Who may use it, once bound. */
  owner: Owner | undefined;
  /** Whose supply it is while it is being created, bound or moved. */
  demand: Demand | undefined;
  /** What its memory is being freed for. */
  hold: Hold | undefined;
  start: Start;
  /** Its Grant has left on a stream. */
  isGrantOnWire: boolean;
  /** Its runtime has run its action: it was reported free once since its grant, or was granted warm. */
  isInitialised: boolean;
  lastUsedMs: number;
  /** When it was granted to, or claimed by, its owner. */
  grantedMs: number;
  /** Sequence of the input by which its agent confirmed it. */
  confirmedAt: number;
  /** The note before the one being bound. */
  noteBefore: Note | undefined;
  bindAttempts: number;
  /** Not worth keeping once given up: idle for too long, or of an old revision. */
  isDoomed: boolean;
  removal: Removal | undefined;
}

/** Stem cells match by kind and memory. */
export function stemKey(kind: string, memoryMb: number): string {
  return `${kind}|${memoryMb}`;
}
