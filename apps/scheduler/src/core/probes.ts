// Trying a node whose creations fail: one stem cell at a time, and if it works the node is used again.
import type { Context } from './context';
import type { Grants } from './grants';
import type { Node } from './node';
import type { StemCellStock } from './stem-cell-stock';
import { isSet } from './timers';

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
    const { timers, nowMs, limits } = this.context;
    if (!node.isBroken) return timers.drop(node.probeDeadline);
    if (isSet(node.probeDeadline)) return;
    node.probeDeadline = timers.keep(node.probeDeadline, nowMs + limits.nodeProbeMs, this.due, node);
  }

  private readonly due = (node: Node): void => {
    if (!node.isBroken) return;
    this.probe(node);
    this.watch(node);
  };

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
