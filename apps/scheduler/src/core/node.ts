// One machine with an agent, as the scheduler sees it.
//
// usedMb counts every container until its agent's word that it is gone; heldMb is freed memory that a demand has reserved.
// Both together never exceed memoryMb by a decision of this leader.
import { Bag } from '#collections';
import type { Container } from './container';
import { nodePrefix } from './container-id';
import type { AgentAddress } from './effects';
import type { Hold } from './hold';
import { NodeContainers, SlotHeap } from './node-containers';
import type { Offer } from './offer';
import type { KeptDeadline } from './timers';

export type NodeState =
  | 'alive'
  /** Silent for `nodeSuspectedMs`, or its agent refuses connections: gets nothing new before its next heartbeat. */
  | 'suspected'
  /** Silent for `nodeGoneMs`: its memory leaves the total, its containers are no supply. Its inventory counts again when it is back. */
  | 'gone';

export class Node {
  agentUrl = '';
  incarnation = -1n;
  driver = '';
  kinds: ReadonlySet<string> = new Set();
  /** Its driver can make a used container as new, for another action. */
  wipes = false;
  memoryMb = 0;
  usedMb = 0;
  heldMb = 0;
  /** Memory of what could be had without waiting for a run to end: free containers, parked ones and stem cells. */
  reclaimableMb = 0;
  creating = 0;
  parallelCreations = 1;
  state: NodeState = 'alive';
  isCordoned = false;
  /** Cordoned, and what is there has to go. */
  isDraining = false;
  /** Which of the orders to its agent that follows from; what is said under a lower number was said before. */
  cordonNumber = 0;
  /** How many containers were left when that was said last. */
  drainingLeft: number | undefined = undefined;
  /** Too many of its last creations failed; only a probe may place something there. */
  isBroken = false;
  /** When it is tried again. */
  probeDeadline: KeptDeadline | undefined = undefined;
  /** The last creations, true = system error. */
  readonly outcomes: boolean[] = [];
  /** Its memory counts as taken until it has stored our epoch and said what it has. */
  hasInventory = false;
  /** The question is on its way, since the input with the sequence `askedAt`. */
  isAsked = false;
  askedAt = 0;
  goneMs = 0;
  /** Removed since then, so an older answer may still list them. */
  readonly removedSince = new Set<string>();
  heartbeatMs = 0;
  /** When its silence changes its state, if it lasts. */
  judgedMs = 0;
  /** Then or before. */
  silenceDeadline: KeptDeadline | undefined = undefined;
  /** Its kinds as its agent says them. */
  kindsHeard: readonly string[] = [];
  readonly containers = new NodeContainers();
  /** What could be reclaimed, in the order of the reclaim policy. */
  readonly reclaimable = new SlotHeap();
  /** What the last container that gave way here was worth to the reclaim policy, and so what is worth keeping from now on. */
  reclaimClock = 0;
  /** Stem cells that exist or are being created, by stem key. */
  readonly stemCells = new Map<string, Set<Container>>();

  /** Until when no stem cell of that key is tried here, because the last one failed. */
  readonly stemCellsPausedMs = new Map<string, number>();
  /** What is being freed here, for whom. */
  readonly holds = new Bag<Hold>();

  /** Kept by Nodes, as all down to the prefix: the orders that it stands in, or will stand in. */
  offer: Offer | undefined = undefined;
  /** Whether it was usable when it last changed. */
  isPlaceable = false;
  /** It may stand in the wrong place. */
  isMoved = false;
  /** By which numbers it stands where it does; NaN: nowhere. */
  placedFreeMb = NaN;
  placedPotentialMb = NaN;
  placedWithSlot = false;

  /** What the ids of its containers begin with. */
  readonly prefix: string;

  constructor(readonly id: string) {
    this.prefix = nodePrefix(id);
  }

  get address(): AgentAddress {
    return { nodeId: this.id, url: this.agentUrl };
  }

  /** Memory that nobody has and nobody was promised. */
  get freeMb(): number {
    return this.memoryMb - this.usedMb - this.heldMb;
  }

  /** Free, or could be reclaimed at once. */
  get potentialMb(): number {
    return this.freeMb + this.reclaimableMb;
  }

  /** May get something new. */
  get isUsable(): boolean {
    return this.state === 'alive' && this.hasInventory && !this.isCordoned && !this.isBroken;
  }

  get hasSlot(): boolean {
    return this.creating < this.parallelCreations;
  }

  /** May get something new now. */
  get isOpen(): boolean {
    return this.isUsable && this.hasSlot;
  }
}
