// How many containers each namespace has in use, or on their way to be, so that none gets more at once than its limit lets it run.
//
// Guarantee: demands that were held back at the limit are looked at again as soon as anything of their namespace is given back.
// A namespace with nothing in use is not remembered.
import type { Demand } from './demand';

interface Namespace {
  inUse: number;
  /** Demands that wait for it to have less. */
  readonly heldBack: Set<Demand>;
}

export class Namespaces {
  private readonly byName = new Map<string, Namespace>();
  private heldBackCount = 0;

  /** `reconsider` is called with each demand that may get something now. */
  constructor(private readonly reconsider: (demand: Demand) => void) {}

  /** Whether any demand is held back. */
  get hasHeldBack(): boolean {
    return this.heldBackCount > 0;
  }

  take(name: string): void {
    const namespace = this.byName.get(name);
    if (namespace) namespace.inUse += 1;
    else this.byName.set(name, { inUse: 1, heldBack: new Set() });
  }

  giveBack(name: string): void {
    const namespace = this.byName.get(name)!;
    namespace.inUse -= 1;
    if (namespace.inUse === 0) this.byName.delete(name);
    for (const demand of namespace.heldBack) {
      this.letGo(demand, namespace);
      this.reconsider(demand);
    }
  }

  /** Whether one more would be more than the limit that the demand says; 0 is none. */
  isAtLimit({ namespace, namespaceConcurrency }: Demand): boolean {
    return namespaceConcurrency > 0 && (this.byName.get(namespace)?.inUse ?? 0) >= namespaceConcurrency;
  }

  /** Until something of its namespace, which is at its limit, is given back. */
  holdBack(demand: Demand): void {
    if (demand.isHeldBack) return;
    demand.isHeldBack = true;
    this.heldBackCount += 1;
    this.byName.get(demand.namespace)!.heldBack.add(demand);
  }

  letGo(demand: Demand, namespace = this.byName.get(demand.namespace)): void {
    if (!demand.isHeldBack) return;
    demand.isHeldBack = false;
    this.heldBackCount -= 1;
    namespace!.heldBack.delete(demand);
  }
}
