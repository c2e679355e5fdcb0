// A controller's half of the use leases: for which nodes may it still dispatch? Pure; monotonic time is an argument.
//
// Guarantees: a lease lives from the moment at which its renewal was *asked for*; a node is renewed only while a container there is owned;
// renewals are spread evenly. A renewal whose connection was refused says that the agent is dead: that does not count as a lapse, since a
// restarted agent waits one full lease before it removes orphans. So each refusal is worth one lease from when it was asked for, and no more.
// Nothing here costs time for nodes of which nothing is due: there may be thousands, and it is asked many times a second.
import type { Limits } from '#limits';
import { Looks } from './looks';

/** One node on which this controller owns, or is about to use, containers. The data path keeps a reference to it. */
export interface NodeUse {
  readonly nodeId: string;
  readonly agentUrl: string;
  owned: number;
  /** Monotonic time until which the lease lives; 0 = never had one. */
  leaseUntil: number;
  /** Until when an agent that has refused the last connection, and was started just after, still waits for us. */
  refusedUntil: number;
  /** When the renewal under way was asked for, undefined if none is. */
  askedAt: number | undefined;
  renewAt: number;
}

export class UseLeases {
  private readonly nodes = new Map<string, NodeUse>();
  /** When the next renewal of each node is due, or its lease lapses. */
  private readonly looks = new Looks<NodeUse>();
  /** Whose renewal is due and was not asked for yet. */
  private readonly unasked = new Set<NodeUse>();
  /** Whose lease has lapsed, as far as was looked. */
  private readonly over = new Set<NodeUse>();

  constructor(
    private readonly limits: Pick<Limits, 'useLeaseRenewMs' | 'useLeaseRenewalsPerSecond' | 'useLeaseFactor'>,
  ) {}

  /** max(5 s, nodes / 200 per s) */
  get renewMs(): number {
    return Math.max(
      this.limits.useLeaseRenewMs,
      Math.ceil((this.nodes.size / this.limits.useLeaseRenewalsPerSecond) * 1000),
    );
  }

  get leaseMs(): number {
    return this.renewMs * this.limits.useLeaseFactor;
  }

  /** A container there became ours. */
  own(nodeId: string, agentUrl: string, now: number): NodeUse {
    let node = this.nodes.get(nodeId);
    if (!node || node.agentUrl !== agentUrl) {
      const owned = node?.owned ?? 0;
      if (node) this.forget(node);
      node = { nodeId, agentUrl, owned, leaseUntil: 0, refusedUntil: 0, askedAt: undefined, renewAt: now };
      this.nodes.set(nodeId, node);
      this.looks.set(node, now);
    }
    node.owned += 1;
    return node;
  }

  disown(node: NodeUse): void {
    node.owned -= 1;
    if (node.owned <= 0 && this.isOurs(node)) this.forget(node);
  }

  /** Before the first /init or /run there. */
  lives(node: NodeUse, now: number): boolean {
    return node.leaseUntil > now || (node.refusedUntil > now && node.leaseUntil > 0);
  }

  /** Nodes whose lease has lapsed that once lived. */
  lapsed(now: number): NodeUse[] {
    this.look(now);
    const lapsed: NodeUse[] = [];
    for (const node of this.over) {
      if (this.hasLapsed(node, now)) lapsed.push(node);
      else this.over.delete(node);
    }
    return lapsed;
  }

  /** Nodes to renew now; each is marked as asked. */
  due(now: number): NodeUse[] {
    this.look(now);
    const due: NodeUse[] = [];
    for (const node of this.unasked) {
      node.askedAt = now;
      due.push(node);
    }
    this.unasked.clear();
    for (const node of due) this.watch(node, now);
    return due;
  }

  /** Its lease counts for nothing, and is asked for anew. */
  restart(node: NodeUse, now: number): void {
    node.leaseUntil = 0;
    node.renewAt = now;
    this.watch(node, now);
  }

  /** The agent answered 200. Answers when the renewal had been asked for. */
  renewed(node: NodeUse, now: number): number {
    const askedAt = node.askedAt ?? now;
    node.askedAt = undefined;
    node.refusedUntil = 0;
    node.leaseUntil = Math.max(node.leaseUntil, askedAt + this.leaseMs);
    node.renewAt = askedAt + this.renewMs;
    this.watch(node, now);
    return askedAt;
  }

  /** No answer, or not 200. Tried again after a tenth of the interval. */
  failed(node: NodeUse, reason: 'refused' | 'other', now: number): void {
    node.refusedUntil = reason === 'refused' ? (node.askedAt ?? now) + this.leaseMs : 0;
    node.askedAt = undefined;
    node.renewAt = now + this.renewMs / 10;
    this.watch(node, now);
  }

  private isOurs(node: NodeUse): boolean {
    return this.nodes.get(node.nodeId) === node;
  }

  private hasLapsed(node: NodeUse, now: number): boolean {
    return node.leaseUntil > 0 && !this.lives(node, now);
  }

  private forget(node: NodeUse): void {
    this.nodes.delete(node.nodeId);
    this.looks.delete(node);
    this.unasked.delete(node);
    this.over.delete(node);
  }

  private look(now: number): void {
    for (const node of this.looks.due(now)) this.watch(node, now);
  }

  /** Notes what is due or over, and when to look again for what is not. */
  private watch(node: NodeUse, now: number): void {
    if (!this.isOurs(node)) return;
    let next = Infinity;
    if (node.askedAt !== undefined || node.renewAt > now) {
      this.unasked.delete(node);
      if (node.askedAt === undefined) next = node.renewAt;
    } else this.unasked.add(node);
    if (this.hasLapsed(node, now)) this.over.add(node);
    else if (node.leaseUntil > 0) next = Math.min(next, Math.max(node.leaseUntil, node.refusedUntil));
    if (next === Infinity) this.looks.delete(node);
    else this.looks.set(node, next);
  }
}
