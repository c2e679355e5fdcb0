// Ending containers: DELETE at the agent until the agent says that it is gone. Nothing else frees memory.
import type { AgentFailure } from './effects';
import type { Container, ContainerState } from './container';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Demands } from './demands';
import { collect } from './hold';
import type { Nodes } from './nodes';
import { tell } from './outbox';
import type { RemovalReason } from '#protocol';
import type { Use } from './use';

/** What its owner had said of one in that state; undefined: nothing yet. Who was asked for it may have begun something. */
function useBefore(state: ContainerState): Use | undefined {
  if (state === 'free' || state === 'suspended') return state;
  return state === 'busy' || state === 'reclaiming' || state === 'retiring' ? 'busy' : undefined;
}

export class Removals {
  constructor(
    private readonly context: Context,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly demands: Demands,
  ) {}

  /** `gone` is what its owner is told once it is gone; leave it out when the owner gave the container up. */
  start(container: Container, reason: RemovalReason, gone?: string): void {
    this.context.timers.drop(container.deadline);
    this.demands.detach(container);
    container.removal = { reason, attempts: 0, gone, heard: useBefore(container.state) };
    this.containers.become(container, 'removing', gone ?? reason);
    this.ask(container);
  }

  /** Its owner ends it while it is being removed as an orphan: from now on that is why, whether a lease lives or not. */
  ended({ removal }: Container, reason: 'drained' | 'failed'): void {
    if (removal?.reason !== 'orphan') return;
    removal.reason = reason;
    removal.gone = undefined;
  }

  /** What its owner says of it meanwhile. */
  heard(container: Container, use: Use, idleMs: number): void {
    if (!container.removal) return;
    container.removal.heard = use;
    if (use !== 'busy') container.lastUsedMs = this.context.nowMs - idleMs;
  }

  /** The agent's word: nothing of it is left, and its memory is free. */
  removed(container: Container): void {
    const { node, hold, owner, note, removal } = container;
    this.context.timers.drop(container.deadline);
    this.demands.detach(container);
    this.containers.forget(container);
    if (node.isAsked) node.removedSince.add(container.id);
    this.context.event('container', container.id, 'gone');
    if (hold) {
      collect(hold, container, this.context.nowMs, this.context.limits.reclaimHoldMs);
      this.context.unsettledHolds.add(hold);
      this.nodes.changed(node);
    }
    if (owner?.session && note && removal?.gone !== undefined) {
      const value = { containerId: container.id, grantId: note.grantId, reason: removal.gone };
      tell(this.context, owner.session, { $case: 'gone', value });
    }
    this.context.unsettledNodes.add(node);
  }

  /** Its agent says that it is there no more, without having been asked. */
  vanished(container: Container, reason: string): void {
    container.removal = { reason: 'failed', attempts: 0, gone: reason, heard: undefined };
    this.removed(container);
  }

  /** Its node is gone: whom it was being made ready for is better served elsewhere. */
  noSupply(container: Container): void {
    this.demands.detach(container);
    if (container.hold) this.context.unsettledHolds.add(container.hold);
  }

  failed(container: Container, failure: AgentFailure): void {
    if (container.state !== 'removing') return;
    switch (failure.code) {
      case 'unknown-container':
        return this.removed(container);
      case 'stale-epoch':
        this.context.effects.push({ kind: 'higher-epoch', epoch: failure.epoch ?? this.context.epoch });
        return this.retry(container);
      case 'lease-lives':
        // Its owner has given it up since that was sent.
        if (container.removal!.reason !== 'orphan') return this.ask(container);
        return this.revive(container, 'its controller still has a use lease', container.removal!.heard);
      case 'stale-grant':
        this.nodes.needInventory(container.node);
        return this.revive(container, 'its note names another grant');
      default:
        return this.retry(container);
    }
  }

  /** It is not ours to remove, yet. What its owner has said of it on this stream still holds. */
  private revive(container: Container, why: string, heard?: Use): void {
    container.removal = undefined;
    const { owner, note } = container;
    const session = owner?.session;
    const claim = session?.claims.get(container.id);
    if (!session || !claim || claim.grantId !== note?.grantId) {
      // It connected anew meanwhile and did not list it: it will never speak of it again, so nobody else would end it.
      if (session && container.toldOn !== session.stream) return this.start(container, 'disowned');
      this.containers.become(container, (session && heard) ?? 'unclaimed', why, () => {
        if (heard === 'free' || heard === 'suspended') container.isInitialised = true;
      });
      return this.demands.reconsider(container.keyUse);
    }
    // What its owner said of it while it was being removed is said once; as after any claim, this stream knows of it.
    session.claims.delete(container.id);
    container.isGrantOnWire = true;
    container.toldOn = session.stream;
    if (claim.ended) return this.start(container, claim.ended);
    if (claim.use !== 'busy') container.isInitialised = true;
    this.containers.become(container, claim.use, why, () => {
      container.lastUsedMs = this.context.nowMs - claim.idleMs;
    });
    this.demands.reconsider(container.keyUse);
  }

  private retry(container: Container): void {
    const { retryFirstMs, retryMostMs } = this.context.limits;
    const removal = container.removal!;
    const waitMs = Math.min(retryMostMs, retryFirstMs * 2 ** removal.attempts);
    removal.attempts = Math.min(removal.attempts + 1, 30);
    const atMs = this.context.nowMs + waitMs;
    container.deadline = this.context.timers.keep(container.deadline, atMs, this.askAgain, container);
  }

  private readonly askAgain = (container: Container): void => {
    if (container.state === 'removing') this.ask(container);
  };

  private ask(container: Container): void {
    this.context.effects.push({
      kind: 'remove',
      agent: container.node.address,
      containerId: container.id,
      grantId: container.note?.grantId,
      reason: container.removal!.reason,
    });
  }
}
