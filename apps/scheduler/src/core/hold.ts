// Memory of one node that is being freed for one demand: what was freed so far stays reserved for it.
import type { Bag } from '#collections';
import type { Container } from './container';
import type { Demand } from './demand';
import type { Node } from './node';
import type { KeptDeadline } from './timers';

export interface Hold {
  readonly demand: Demand;
  readonly node: Node;
  readonly needMb: number;
  /** Reserved so far; part of the node's heldMb. */
  haveMb: number;
  /** Asked to give way, and not gone yet. */
  victims: Bag<Container>;
  /** `reclaim` counts as supply like a creation; `retire` may take as long as a run, so its demand goes on looking. */
  readonly by: 'reclaim' | 'retire';
  /** When it gives back what it has. */
  expiresMs: number;
  deadline: KeptDeadline | undefined;
  /** What it asked for went to its demand as it is, so no memory is needed. */
  isMet: boolean;
}

/** A victim's agent said that it is gone: what the demand needs of its memory is reserved in the same step. */
export function collect(hold: Hold, container: Container, nowMs: number, reclaimHoldMs: number): void {
  if (!hold.victims.delete(container)) return;
  const takenMb = Math.min(container.memoryMb, hold.needMb - hold.haveMb);
  hold.haveMb += takenMb;
  hold.node.heldMb += takenMb;
  hold.expiresMs = nowMs + reclaimHoldMs;
}
