// Containers that have to go because an operator said so: all of a node that is drained, and each that is evicted.
//
// Guarantees: nothing is removed under a running activation: owners are told to run nothing new there, and what nobody owns is
// removed. What is being created or bound goes once that is settled. Level-triggered: a container that fell back into use (its
// removal was refused, its node was adopted by a new leader) is told again. A drain that is ended lets what was given up be used.
import type { Asks } from './asks';
import type { Container } from './container';
import type { Context } from './context';
import type { Node } from './node';
import type { Removals } from './removals';

export class Leavings {
  private readonly evicted = new Set<Container>();

  constructor(
    private readonly context: Context,
    private readonly asks: Asks,
    private readonly removals: Removals,
  ) {}

  evict(container: Container): void {
    if (this.evicted.has(container) || container.state === 'removing') return;
    this.evicted.add(container);
    this.context.event('container', container.id, 'evicted by an operator');
    this.context.unsettledNodes.add(container.node);
  }

  /** Called after every change of state. */
  changed(container: Container): void {
    if (container.node.isDraining || (this.evicted.size > 0 && this.evicted.has(container)))
      this.context.unsettledNodes.add(container.node);
  }

  /** Something about the node or what is on it changed. */
  review(node: Node): void {
    if (node.state === 'gone' || !node.hasInventory) return;
    for (const container of this.evicted) {
      if (container.node !== node) continue;
      if (!node.containers.has(container)) this.evicted.delete(container);
      else this.release(container, true, 'an operator evicts it');
    }
    if (!node.isDraining) return;
    for (const container of [...node.containers]) this.release(container, false, 'its node is drained');
    this.tellProgress(node);
  }

  private release(container: Container, isForGood: boolean, why: string): void {
    if (isForGood) container.isDoomed = true;
    if (container.state === 'stem-cell') this.removals.start(container, 'unbound');
    else if (container.state === 'parked') this.removals.start(container, 'drained');
    else if (this.asks.isAskable(container)) this.asks.retire(container, why);
  }

  private tellProgress(node: Node): void {
    const { size } = node.containers;
    if (node.drainingLeft === size) return;
    node.drainingLeft = size;
    const left = size === 1 ? '1 container left' : `${size} containers left`;
    this.context.event('node', node.id, size === 0 ? 'drained' : `draining, ${left}`);
  }
}
