// Stem cells: started containers without code, a constant stock of each configured kind and memory on every node, as OpenWhisk's
// manifest says per invoker. They use memory that nobody needs: a demand comes first, and takes their memory if it must.
import { stemKey } from './container';
import type { Container } from './container';
import type { Node } from './node';

export interface StemCells {
  readonly kind: string;
  readonly memoryMb: number;
  /** On each node that offers the kind. */
  readonly count: number;
  /** Within which bounds the reactive prewarm policy follows demand. */
  readonly reactive?: ReactiveBounds | undefined;
}

/** As in OpenWhisk's manifest. */
export interface ReactiveBounds {
  readonly minCount: number;
  readonly maxCount: number;
  readonly threshold: number;
  readonly increment: number;
}

/** What to start now on this node, in the order of the configuration, with the memory and the slots that it has left. */
export function missingStemCells(node: Node, stock: readonly StemCells[], nowMs: number): StemCells[] {
  const missing: StemCells[] = [];
  if (!node.isUsable) return missing;
  let { freeMb } = node;
  // One slot is left for demands, where there are several.
  let slots = node.parallelCreations - node.creating - (node.parallelCreations > 1 ? 1 : 0);
  for (const cells of stock) {
    const name = stemKey(cells.kind, cells.memoryMb);
    if (!node.kinds.has(cells.kind) || (node.stemCellsPausedMs.get(name) ?? 0) > nowMs) continue;
    const have = node.stemCells.get(name)?.size ?? 0;
    const most = Math.min(cells.count - have, slots, Math.floor(freeMb / cells.memoryMb));
    if (most <= 0) continue;
    missing.push({ ...cells, count: most });
    slots -= most;
    freeMb -= most * cells.memoryMb;
  }
  return missing;
}

/** What is there beyond the configuration, e.g. adopted from a leader with another one, or a probe. */
export function surplusStemCells(node: Node, stock: readonly StemCells[]): Container[] {
  const surplus: Container[] = [];
  for (const [name, cells] of node.stemCells) {
    const wanted = stock.find(({ kind, memoryMb }) => stemKey(kind, memoryMb) === name)?.count ?? 0;
    const ready = [...cells].filter(({ state }) => state === 'stem-cell');
    surplus.push(...ready.slice(0, Math.max(0, cells.size - wanted)));
  }
  return surplus;
}
