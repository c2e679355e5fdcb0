// Who really owns what: the claims of a Hello, the notes that agents keep, and what follows when they differ. The note wins.
import type { shareStates } from '#protocol';
import type { Asks } from './asks';
import type { Container } from './container';
import { prefixOf } from './container-id';
import type { Containers } from './containers';
import type { Context } from './context';
import type { Grants } from './grants';
import type { Nodes } from './nodes';
import { tell } from './outbox';
import type { Owners } from './owners';
import type { Removals } from './removals';
import type { Claim, Session } from './session';
import { type Use, useOf } from './use';

export class Claims {
  constructor(
    private readonly context: Context,
    private readonly owners: Owners,
    private readonly nodes: Nodes,
    private readonly containers: Containers,
    private readonly asks: Asks,
    private readonly grants: Grants,
    private readonly removals: Removals,
  ) {}

  /** The whole truth of a controller: what it lists is its own if the note says so; what it does not list and was told of is disowned. */
  take(session: Session, listed: readonly shareStates.HelloContainer[]): void {
    for (const { containerId, grantId, state, idleMs } of listed) {
      session.claims.set(containerId, { grantId, use: useOf(state), idleMs, ended: undefined });
    }
    for (const container of session.owner.containers) this.settle(container, session);
    for (const [containerId, claim] of session.claims) this.check(session, containerId, claim);
  }

  /** Decides about one container whose note names the owner of this stream. */
  settle(container: Container, session: Session): void {
    const claim = session.claims.get(container.id);
    if (['creating', 'binding', 'removing', 'parked'].includes(container.state)) return;
    if (claim && claim.grantId === container.note?.grantId) return this.accept(container, claim, session);
    // Nobody was told of it, so it can be given to whoever waits now, or undone.
    if (!container.isGrantOnWire && container.state !== 'retiring') return this.grants.offer(container);
    if (!container.isGrantOnWire) return this.removals.start(container, 'drained');
    this.removals.start(container, 'disowned');
  }

  private accept(container: Container, claim: Claim, session: Session): void {
    session.claims.delete(container.id);
    container.isGrantOnWire = true;
    container.toldOn = session.stream;
    if (claim.ended) return this.removals.start(container, claim.ended);
    if (container.state === 'retiring') {
      this.containers.refresh(container);
      return this.asks.tellRetire(container);
    }
    this.use(container, claim.use, claim.idleMs, 'claimed by its owner');
    if (container.isDoomed) this.asks.retire(container, 'of an old revision');
  }

  /** What its owner says of it. */
  use(container: Container, use: Use, idleMs: number, why: string): void {
    container.lastUsedMs = this.context.nowMs - idleMs;
    if (use !== 'busy') container.isInitialised = true;
    this.containers.become(container, use, why);
  }

  /** A claim that no known container answers to. */
  private check(session: Session, containerId: string, claim: Claim): void {
    const container = this.containers.byId.get(containerId);
    if (container) {
      if (container.note?.grantId === claim.grantId && container.owner === session.owner) return;
      return this.deny(session, containerId, claim, 'it is bound by another grant');
    }
    if (this.hasAnswered(containerId)) this.deny(session, containerId, claim, 'its node does not have it');
  }

  private deny(session: Session, containerId: string, { grantId }: Claim, reason: string): void {
    session.claims.delete(containerId);
    tell(this.context, session, { $case: 'gone', value: { containerId, grantId, reason } });
  }

  /** Whether the node that such an id was made for has said what it has. */
  private hasAnswered(containerId: string): boolean {
    const prefix = prefixOf(containerId);
    let isKnown = false;
    for (const node of this.nodes.byId.values()) {
      if (node.prefix !== prefix) continue;
      if (!node.hasInventory) return false;
      isKnown = true;
    }
    return isKnown;
  }

  /** After an inventory: claims on containers that are not there. */
  recheck(session: Session): void {
    for (const [containerId, claim] of session.claims) this.check(session, containerId, claim);
  }

  /** Its owner is dead. Refused by the agent for as long as the use lease lives, and asked again then. */
  orphan(container: Container): void {
    if (['creating', 'binding', 'removing', 'parked'].includes(container.state)) return;
    this.removals.start(container, 'orphan', 'the use lease of its owner has lapsed');
  }

  /**
   * Containers there whose owner's use lease has lapsed. `askedAt` is when the node was asked, if it was: an owner that has said Hello
   * since may have renewed meanwhile. If it has not, the node's next heartbeat says so.
   */
  lapsed(nodeId: string, controllerId: string, incarnation: bigint, askedAt = Infinity): void {
    const owner = this.owners.find(controllerId, incarnation);
    if (!owner || (owner.session && owner.session.openedAt > askedAt)) return;
    for (const container of owner.containers) if (container.node.id === nodeId) this.orphan(container);
  }
}
