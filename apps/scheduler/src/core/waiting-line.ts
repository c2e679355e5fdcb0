// Demands that could not be served in full, by how long their longest waiter has been waiting. Sorted apart for each kind and
// memory size, so that a large demand at the head does not keep small ones from what only they fit into.
import { stemKey } from './container';
import type { Demand } from './demand';
import { IndexedHeap } from './indexed-heap';

interface Lane {
  readonly kind: string;
  readonly memoryMb: number;
  readonly demands: IndexedHeap<Demand>;
}

export class WaitingLine {
  private readonly lanes = new Map<string, Lane>();
  private readonly laneOf = new Map<Demand, Lane>();

  get size(): number {
    return this.laneOf.size;
  }

  has(demand: Demand): boolean {
    return this.laneOf.has(demand);
  }

  /** Adds it, or moves it to where its longest waiter belongs. */
  set(demand: Demand): void {
    const name = stemKey(demand.kind, demand.memoryMb);
    const lane = this.lanes.get(name) ?? { kind: demand.kind, memoryMb: demand.memoryMb, demands: new IndexedHeap() };
    if (this.laneOf.get(demand) !== lane) {
      this.delete(demand);
      this.lanes.set(name, lane);
      this.laneOf.set(demand, lane);
    }
    lane.demands.set(demand, demand.sinceMs);
  }

  delete(demand: Demand): void {
    const lane = this.laneOf.get(demand);
    if (!lane) return;
    this.laneOf.delete(demand);
    lane.demands.delete(demand);
    if (lane.demands.size === 0) this.lanes.delete(stemKey(lane.kind, lane.memoryMb));
  }

  /** The longest waiting demand of each lane that could fit, oldest first. */
  heads(kinds: ReadonlySet<string>, memoryMb: number): Demand[] {
    const heads: Demand[] = [];
    for (const lane of this.lanes.values()) {
      const head = lane.demands.peek();
      if (head && lane.memoryMb <= memoryMb && kinds.has(lane.kind)) heads.push(head);
    }
    return heads.sort((left, right) => left.sinceMs - right.sinceMs);
  }

  all(): Iterable<Demand> {
    return this.laneOf.keys();
  }
}
