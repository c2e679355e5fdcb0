// A controller's half of the use leases: for which nodes may it still dispatch? Pure; monotonic time is an argument.
//
// Guarantees: a lease lives from the moment at which its renewal was *asked for*; a node is renewed only while a container there is owned;
// renewals are spread evenly. A renewal whose connection was refused says that the agent is dead: that does not count as a lapse, since a
// restarted agent waits one full lease before it removes orphans. So each refusal is worth one lease from when it was asked for, and no more.
import type { Limits } from '#limits';

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
      node = { nodeId, agentUrl, owned, leaseUntil: 0, refusedUntil: 0, askedAt: undefined, renewAt: now };
      this.nodes.set(nodeId, node);
    }
    node.owned += 1;
    return node;
  }

  disown(node: NodeUse): void {
    node.owned -= 1;
    if (node.owned <= 0 && this.nodes.get(node.nodeId) === node) this.nodes.delete(node.nodeId);
  }

  /** Before the first /init or /run there. */
  lives(node: NodeUse, now: number): boolean {
    return node.leaseUntil > now || (node.refusedUntil > now && node.leaseUntil > 0);
  }

  /** Whether any node's lease has lapsed that once lived. */
  lapsed(now: number): NodeUse[] {
    const lapsed: NodeUse[] = [];
    for (const node of this.nodes.values()) if (node.leaseUntil > 0 && !this.lives(node, now)) lapsed.push(node);
    return lapsed;
  }

  /** Nodes to renew now; each is marked as asked. */
  due(now: number): NodeUse[] {
    const due: NodeUse[] = [];
    for (const node of this.nodes.values()) {
      if (node.askedAt !== undefined || node.renewAt > now) continue;
      node.askedAt = now;
      due.push(node);
    }
    return due;
  }

  /** The agent answered 200. Answers when the renewal had been asked for. */
  renewed(node: NodeUse, now: number): number {
    const askedAt = node.askedAt ?? now;
    node.askedAt = undefined;
    node.refusedUntil = 0;
    node.leaseUntil = Math.max(node.leaseUntil, askedAt + this.leaseMs);
    node.renewAt = askedAt + this.renewMs;
    return askedAt;
  }

  /** No answer, or not 200. Tried again after a tenth of the interval. */
  failed(node: NodeUse, reason: 'refused' | 'other', now: number): void {
    node.refusedUntil = reason === 'refused' ? (node.askedAt ?? now) + this.leaseMs : 0;
    node.askedAt = undefined;
    node.renewAt = now + this.renewMs / 10;
  }
}
