// Reclaim policies: what gives way first on a node. A policy gives each container a number, and the least goes first.
import type { Container } from './container';
import type { EntryHeap, HeapEntry } from './indexed-heap';

export type ReclaimOrder = (container: Container) => number;

/** Stem cells first, since nobody has to be asked and another one is quickly made; then whoever was used the longest time ago. */
export const lru: ReclaimOrder = (container) => (container.state === 'stem-cell' ? -Infinity : container.lastUsedMs);

/**
 * FaasCache's greedy dual: what is used often, takes long to make and holds little memory stays. The clock is what the last victim
 * here was worth, so whatever is not used any more is overtaken by what is.
 */
export const greedyDual: ReclaimOrder = ({ state, usedAtClock, uses, creationMs, memoryMb }) =>
  state === 'stem-cell' ? -Infinity : usedAtClock + (uses * creationMs) / memoryMb;

/** Before victims of that worth are asked: what is used from now on is worth more than they were. */
export function advanceClock(node: { reclaimClock: number }, order: ReclaimOrder, victims: readonly Container[]): void {
  for (const victim of victims) node.reclaimClock = Math.max(node.reclaimClock, order(victim));
}

/**
 * What has to give way on this node so that `needMb` come free, in the order of the policy; undefined if it is not enough. Never a
 * container of the key itself: its owner has better use for it.
 */
export function chooseVictims(
  reclaimable: EntryHeap<Container>,
  needMb: number,
  exceptKey: string,
): Container[] | undefined {
  const victims: Container[] = [];
  const passed: HeapEntry<Container>[] = [];
  let freedMb = 0;
  while (freedMb < needMb) {
    const next = reclaimable.peek();
    if (!next) break;
    reclaimable.remove(next);
    passed.push(next);
    if (next.item.note?.actionKey === exceptKey) continue;
    victims.push(next.item);
    freedMb += next.item.memoryMb;
  }
  for (const entry of passed) reclaimable.put(entry, entry.priority);
  return freedMb < needMb ? undefined : victims;
}
