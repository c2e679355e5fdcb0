// Reclaim policies: what gives way first on a node. A policy gives each container a number, and the least goes first.
import type { Container } from './container';
import type { NodeContainers, SlotHeap } from './node-containers';

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
  { containers, reclaimable }: { readonly containers: NodeContainers; readonly reclaimable: SlotHeap },
  needMb: number,
  exceptKey: string,
): Container[] | undefined {
  const victims: Container[] = [];
  const passed: { slot: number; priority: number }[] = [];
  let freedMb = 0;
  while (freedMb < needMb) {
    const slot = reclaimable.peek();
    if (slot === undefined) break;
    const container = containers.at(slot);
    const isOther = container.note?.actionKey !== exceptKey;
    if (isOther) {
      victims.push(container);
      freedMb += container.memoryMb;
    }
    // The last one need not be taken out to see what is behind it: it is most often the only one.
    if (freedMb >= needMb) break;
    passed.push({ slot, priority: reclaimable.priorityOf(slot) });
    reclaimable.remove(slot);
  }
  for (const { slot, priority } of passed) reclaimable.put(slot, priority);
  return freedMb < needMb ? undefined : victims;
}
