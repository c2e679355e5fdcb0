// What was decided and waits for a living use lease of its node. Pure.
import type { NextStep } from './container-proxy';
import type { Proxy } from './load-balancer';
import type { NodeUse } from './use-leases';

export interface HeldStep<Invocation> {
  readonly proxy: Proxy<Invocation>;
  readonly invocation: Invocation;
  readonly step: Extract<NextStep, 'init' | 'run' | 'resume'>;
}

export class HeldSteps<Invocation> {
  private readonly byNode = new Map<NodeUse, Set<HeldStep<Invocation>>>();

  add(held: HeldStep<Invocation>): void {
    const node = held.proxy.node!;
    const there = this.byNode.get(node);
    if (there) there.add(held);
    else this.byNode.set(node, new Set([held]));
  }

  /** All of a node, in the order in which they came. */
  take(node: NodeUse): Iterable<HeldStep<Invocation>> {
    const there = this.byNode.get(node);
    this.byNode.delete(node);
    return there ?? [];
  }

  /** Those of one container. */
  takeOf(proxy: Proxy<Invocation>): Invocation[] {
    const taken: Invocation[] = [];
    const there = this.byNode.get(proxy.node!);
    for (const held of there ?? []) {
      if (held.proxy !== proxy) continue;
      there!.delete(held);
      taken.push(held.invocation);
    }
    return taken;
  }

  /** Those that are taken out meanwhile do not come. */
  *all(): Iterable<HeldStep<Invocation>> {
    for (const there of this.byNode.values()) yield* there;
  }
}
