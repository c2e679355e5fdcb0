// Owners and sessions: who may use containers, and over which stream to tell them.
//
// An owner is one incarnation of a controller. It outlives its streams: a controller that lost only the scheduler keeps its containers.
import type { Container } from './container';
import type { Demand } from './demand';
import type { StreamId } from './effects';
import type { Outbox } from './outbox';

export interface Owner {
  readonly controllerId: string;
  readonly incarnation: bigint;
  /** As notes say it. */
  readonly incarnationText: string;
  /** Its open stream, if any. */
  session: Session | undefined;
  readonly containers: Set<Container>;
}

/** A container that the Hello listed and whose node has not answered yet. */
export interface Claim {
  readonly grantId: string;
  use: 'busy' | 'free' | 'suspended';
  idleMs: number;
  /** Its owner gave it up meanwhile. */
  ended: 'drained' | 'failed' | undefined;
}

export interface Session {
  readonly stream: StreamId;
  readonly owner: Owner;
  /** Sequence of the input that brought its Hello. */
  readonly openedAt: number;
  readonly generation: number;
  readonly address: string;
  readonly outbox: Outbox;
  readonly demands: Map<string, Demand>;
  readonly claims: Map<string, Claim>;
  /** Number of the last message from it. */
  received: number;
  /** It said goodbye. */
  isLeaving: boolean;
  /** Cancelled demands with grants on their way, oldest first; dropped once those were seen. */
  readonly cancelled: Demand[];
  reportedMs: number;
}
