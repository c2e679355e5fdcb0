// How much one controller has waiting for one action key, and what is already on its way to it.
import type { KeyUse } from './action-keys';
import type { Hold } from './hold';
import type { Session } from './session';
import type { KeptDeadline } from './timers';

export interface Demand {
  readonly session: Session;
  readonly actionKey: string;
  readonly keyUse: KeyUse;
  /** Who invokes. */
  readonly namespace: string;
  kind: string;
  image: string | undefined;
  memoryMb: number;
  concurrency: number;
  logLimitMb: number;
  /** How much its namespace may have in use at once; 0 = no limit. */
  namespaceConcurrency: number;
  waiting: number;
  inFlight: number;
  owned: number;
  /** 0 = unknown. */
  meanDurationMs: number;
  oldestRunningMs: number;
  /** When its longest waiter began to wait. */
  sinceMs: number;
  /** When something last came or went for it. */
  progressMs: number;
  /** Containers being created, bound or moved for it, and reclaim holds. */
  inProgress: number;
  /** Grants that wait in the outbox. */
  unsent: number;
  /** Numbers of Grants that its controller has not confirmed to have seen, ascending. */
  readonly unseen: number[];
  /** With an unknown mean: how many containers this round of creations leads to. */
  roundTarget: number;
  /** In no order, and hardly ever more than one. */
  readonly holds: Hold[];
  /** Creations that failed by the platform's fault in a row. */
  failures: number;
  isDenied: boolean;
  isHinted: boolean;
  /** Its namespace is at its limit. */
  isHeldBack: boolean;
  /** When it is judged again whether another has to give way to it. */
  fairnessDeadline: KeptDeadline | undefined;
}

/** What will serve it without a new decision. */
export function supplyOf(demand: Demand): number {
  return demand.inProgress + demand.unsent + demand.unseen.length;
}
