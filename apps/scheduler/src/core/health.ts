// Whether a node's creations work. More than `nodeErrorsCount` system errors among its last 10 and it gets no placements; then, now
// and then, one stem cell is tried there, and the first that works ends it.
import type { Containers } from './containers';
import type { Context } from './context';
import type { Node } from './node';

const judgedCount = 10;

export class Health {
  constructor(
    private readonly context: Context,
    private readonly containers: Containers,
  ) {}

  succeeded(node: Node): void {
    if (node.isBroken) {
      node.outcomes.length = 0;
      this.set(node, false);
    }
    this.note(node, false);
  }

  failed(node: Node): void {
    this.note(node, true);
    const errors = node.outcomes.filter(Boolean).length;
    if (!node.isBroken && errors > this.context.limits.nodeErrorsCount) this.set(node, true);
  }

  private note(node: Node, isError: boolean): void {
    node.outcomes.push(isError);
    if (node.outcomes.length > judgedCount) node.outcomes.shift();
  }

  private set(node: Node, isBroken: boolean): void {
    node.isBroken = isBroken;
    this.containers.refreshNode(node);
    this.context.unsettledNodes.add(node);
    const what = isBroken
      ? 'gets no placements (too many of its last creations failed)'
      : 'gets placements again (a probe succeeded)';
    this.context.event('node', node.id, what);
  }
}
