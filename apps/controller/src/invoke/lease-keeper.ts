// Keeps the use leases of this controller alive: a thin shell around use-leases.ts.
//
// Guarantees: a renewal is asked for when it is due and never twice at once for a node; an answer that supersedes this incarnation ends the
// process's work; a lapse that is our own doing (this process was stopped) closes the stream before anything else is dispatched.
import type { Clock } from '#clock';
import type { Logger } from '#telemetry';
import type { LeaseOutcome } from './agent-client';
import type { LoadBalancer, Waiting } from './load-balancer';
import type { NodeUse } from './use-leases';

export interface LeaseEvents {
  /** This process was stopped for longer than a lease: what the stream still holds is not to be trusted. */
  lapsed(): void;
  superseded(reason: string): void;
}

/** Asks an agent; its answer is taken in the step in which it comes. */
export interface LeaseGivers {
  renewLease(agentUrl: string, leaseMs: number): PromiseLike<LeaseOutcome>;
}

/**
 * Between two looks at the leases: messages come thousands of times a second. Whoever was stopped for longer looks at once, and what is dispatched asks
 * for its own node's lease anyway.
 */
const lookMs = 10;

export class LeaseKeeper<Run extends Waiting> {
  /** Nodes whose last renewal failed; one that is owned no more is forgotten with it. */
  private readonly troubled = new WeakSet<NodeUse>();
  private tickedAt: number | undefined;
  private lookedAt = -Infinity;

  constructor(
    private readonly path: { readonly balancer: LoadBalancer<Run> },
    private readonly agents: LeaseGivers,
    private readonly clock: Clock,
    private readonly events: LeaseEvents,
    private readonly logger: Logger,
  ) {}

  /** Call often; does nothing unless something is due. */
  tick(now: number): void {
    const { leases } = this.path.balancer;
    const stoppedMs = now - (this.tickedAt ?? now);
    this.tickedAt = now;
    // Also without any lease of ours: a Grant that waited on the stream is of a container that may be an orphan, and removed, by now.
    if (stoppedMs >= leases.leaseMs) this.events.lapsed();
    if (now - this.lookedAt < lookMs) return;
    this.lookedAt = now;
    for (const node of leases.lapsed(now)) {
      // Renewals were tried and failed: the node's trouble. It is given up after another lease; until then nothing is dispatched there.
      if (this.troubled.has(node)) {
        if (now - node.leaseUntil > leases.leaseMs) this.path.balancer.giveUp(node, now);
        continue;
      }
      if (node.askedAt === undefined || now - node.askedAt > leases.leaseMs / 2) {
        leases.restart(node, now);
        this.logger.warn(
          `use lease of node ${node.nodeId}: lapsed (this process was stopped); its containers are checked before use`,
        );
        this.events.lapsed();
      }
    }
    for (const node of leases.due(now)) {
      // It answers a closed set of outcomes, and never rejects.
      void this.agents.renewLease(node.agentUrl, leases.leaseMs).then((answer) => this.answered(node, answer));
    }
  }

  private answered(node: NodeUse, answer: LeaseOutcome): void {
    const { leases } = this.path.balancer;
    const now = this.clock.now();
    switch (answer.outcome) {
      case 'renewed':
        this.troubled.delete(node);
        return this.path.balancer.leaseRenewed(node, answer.listed, now);
      case 'superseded':
        return this.events.superseded(answer.reason);
      case 'refused':
      case 'failed':
        if (!this.troubled.has(node)) {
          this.troubled.add(node);
          this.logger.warn(`use lease of node ${node.nodeId}: not renewed (${answer.reason})`);
        }
        return leases.failed(node, answer.outcome === 'refused' ? 'refused' : 'other', now);
    }
  }
}
