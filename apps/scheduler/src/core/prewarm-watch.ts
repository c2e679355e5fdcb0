// Counts, window by window, what demands take that a stem cell could have been, and has the stock follow where the prewarm policy wants it.
//
// A demand costs one addition; the end of a window costs one look at each node. With the fixed policy nothing changes.
import type { Context } from './context';
import { stemKey } from './container';
import type { Demand } from './demand';
import type { Nodes } from './nodes';
import type { StemCellStock } from './stem-cell-stock';

export class PrewarmWatch {
  private taken = new Map<string, number>();

  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly stock: StemCellStock,
  ) {
    this.watch();
  }

  /** A demand got a stem cell, or a new container where a stem cell would have done. */
  took({ kind, memoryMb, concurrency, image }: Demand): void {
    if (concurrency > 1 || image !== undefined) return;
    const key = stemKey(kind, memoryMb);
    if (this.stock.isConfigured(key)) this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
  }

  private watch(): void {
    const { context } = this;
    context.timers.set('prewarm', context.nowMs + context.limits.prewarmWindowMs, () => {
      const { taken } = this;
      this.taken = new Map();
      for (const { kind, memoryMb, from, to } of this.stock.follow((cells) => this.perNode(cells, taken))) {
        context.event('stem-cells', `${kind}, ${memoryMb} MB`, `${from} -> ${to} on each node, as demands were`);
        for (const node of this.nodes.byId.values()) context.unsettledNodes.add(node);
      }
      this.watch();
    });
  }

  private perNode({ kind, memoryMb }: { kind: string; memoryMb: number }, taken: ReadonlyMap<string, number>): number {
    let count = 0;
    for (const { kinds, isUsable } of this.nodes.byId.values()) if (isUsable && kinds.has(kind)) count += 1;
    return (taken.get(stemKey(kind, memoryMb)) ?? 0) / Math.max(1, count);
  }
}
