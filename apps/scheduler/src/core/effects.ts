// What reaches the pure core and what it wants done: the whole surface between the scheduler's decisions and the world.
//
// Guarantee asked of the shell: every create, bind, remove and inventory is answered by exactly one input, in any order, with
// `unreachable` or `timeout` when nothing is known. Sends are pulled with SchedulerCore.nextMessage while the stream is writable.
import type {
  AgentErrorCode,
  ContainerAddresses,
  Cordon,
  CreateContainer,
  Inventory,
  Note,
  RemovalReason,
  heartbeat,
  shareStates,
} from '#protocol';
import type { StemCells } from './stem-cells';

/** One gRPC stream of one controller; never used again after it closed. */
export type StreamId = number;

/** Which agent a command goes to. */
export interface AgentAddress {
  readonly nodeId: string;
  readonly url: string;
}

/** Why a command did not succeed. `unreachable`: no answer, so nothing is known. `absent`: nobody listens there, so it was not even heard. */
export interface AgentFailure {
  readonly code: AgentErrorCode | 'unreachable' | 'absent';
  readonly text: string;
  /** With stale-epoch. */
  readonly epoch?: bigint;
}

export type Input =
  | { readonly kind: 'message'; readonly stream: StreamId; readonly message: shareStates.ControllerMessage }
  | { readonly kind: 'stream-closed'; readonly stream: StreamId }
  | { readonly kind: 'heartbeat'; readonly request: heartbeat.HeartbeatRequest }
  | { readonly kind: 'inventory'; readonly nodeId: string; readonly askedAt: number; readonly inventory: Inventory }
  | {
      readonly kind: 'inventory-failed';
      readonly nodeId: string;
      readonly askedAt: number;
      readonly failure: AgentFailure;
    }
  | { readonly kind: 'created'; readonly containerId: string; readonly addresses: ContainerAddresses }
  | { readonly kind: 'create-failed'; readonly containerId: string; readonly failure: AgentFailure }
  | {
      readonly kind: 'bound';
      readonly containerId: string;
      readonly grantId: string;
      /** Of one that was wiped they may be others than before. */
      readonly addresses?: ContainerAddresses;
    }
  | {
      readonly kind: 'bind-failed';
      readonly containerId: string;
      readonly grantId: string;
      readonly failure: AgentFailure;
    }
  | { readonly kind: 'removed'; readonly containerId: string }
  | { readonly kind: 'remove-failed'; readonly containerId: string; readonly failure: AgentFailure }
  /** Its agent has stored it, as the order of that number. */
  | { readonly kind: 'cordoned'; readonly nodeId: string; readonly cordon: Cordon; readonly number: number }
  | { readonly kind: 'evict'; readonly containerId: string }
  /** The whole of what operators have set. */
  | { readonly kind: 'stem-cells'; readonly stemCells: readonly StemCells[] }
  | { readonly kind: 'tick' };

/** Why a stream is closed by this side. */
export type CloseCode = 'refused' | 'replaced' | 'superseded' | 'bad-message';

export type Effect =
  | { readonly kind: 'send'; readonly stream: StreamId }
  | { readonly kind: 'close'; readonly stream: StreamId; readonly code: CloseCode; readonly text: string }
  | { readonly kind: 'create'; readonly agent: AgentAddress; readonly request: CreateContainer }
  | {
      readonly kind: 'bind';
      readonly agent: AgentAddress;
      readonly containerId: string;
      readonly note: Note;
      /** Another action ran in it before, of which nothing may be left. */
      readonly wipe: boolean;
    }
  | {
      readonly kind: 'remove';
      readonly agent: AgentAddress;
      readonly containerId: string;
      /** The grant that it ends; undefined for one that was never bound. */
      readonly grantId: string | undefined;
      readonly reason: RemovalReason;
    }
  /** Its answer names `askedAt`, so that an older answer is not taken for a newer one. */
  | { readonly kind: 'inventory'; readonly agent: AgentAddress; readonly askedAt: number }
  /** Somebody knows a higher epoch: raise ours above it, or step down. */
  | { readonly kind: 'higher-epoch'; readonly epoch: bigint }
  /** For the log and for admin's Watch. */
  | { readonly kind: 'event'; readonly subject: EventSubject; readonly id: string; readonly what: string };

export type EventSubject = 'node' | 'container' | 'session' | 'demand' | 'leader' | 'stem-cells';
