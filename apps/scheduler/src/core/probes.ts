// Trying a node whose creations fail: one stem cell at a time, and if it works the node is used again.
import type { Context } from './context';
import type { Grants } from './grants';
import type { Node } from './node';
import type { StemCellStock } from './stem-cell-stock';

/** What is tried where no stem cells are configured. */
const probeMemoryMb = 128;

export class Probes {
  constructor(
    private readonly context: Context,
    private readonly grants: Grants,
    private readonly stock: StemCellStock,
  ) {}

  /** Called whenever something about the node changed. */
  watch(node: Node): void {
    const name = `probe ${node.id}`;
    if (!node.isBroken) return this.context.timers.cancel(name);
    if (this.context.timers.has(name)) return;
    this.context.timers.set(name, this.context.nowMs + this.context.limits.nodeProbeMs, () => {
      if (!node.isBroken) return;
      this.probe(node);
      this.watch(node);
    });
  }

  private probe(node: Node): void {
    if (node.state !== 'alive' || !node.hasInventory || node.isCordoned || node.creating > 0) return;
    const [kind] = node.kinds;
    const cells = this.stock.wanted.find((candidate) => node.kinds.has(candidate.kind));
    const probed = cells ?? (kind === undefined ? undefined : { kind, memoryMb: probeMemoryMb });
    if (!probed || node.freeMb < probed.memoryMb) return;
    this.context.event('node', node.id, `is probed with a stem cell of ${probed.kind}`);
    this.grants.createStemCell(node, probed.kind, probed.memoryMb);
  }
}
