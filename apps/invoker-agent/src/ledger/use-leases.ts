// Use leases: until when a controller's incarnation may use its containers on this node. Judged by monotonic time only.
//
// Guarantees: a higher incarnation of a controller id supersedes the lower, whoever speaks last; a superseded or ended incarnation
// never lives again; after a start of the agent nothing counts as lapsed before the longest lease that was ever granted has passed,
// since renewals may have failed only because the agent was away. An incarnation that a container was bound to and that never renewed
// counts as living for one such lease, so that a grant on its way is not mistaken for an orphan.
import { Refusal } from './refusal';

/** What a note says of its container's owner. */
export interface OwnersNote {
  readonly owner: string;
  readonly incarnation: string;
}

interface Lease {
  readonly incarnation: bigint;
  /** As notes say it. */
  readonly text: string;
  until: number;
  ended: boolean;
}

/** How long a lapsed controller that owns nothing here is remembered, so that its older incarnations are still refused. */
const rememberedMs = 3_600_000;

/** Superseded by this lease's incarnation, or ended. */
function isOver(lease: Lease, incarnation: bigint): boolean {
  return incarnation < lease.incarnation || (incarnation === lease.incarnation && lease.ended);
}

export class UseLeases {
  private readonly newest = new Map<string, Lease>();
  /** No lease ends before. */
  private earliest = Infinity;
  private setbackCount = 0;

  constructor(
    private longest: number,
    private readonly startedAt: number,
    /** The lease of a controller that has not asked for one yet. */
    private readonly graceMs: number,
    private readonly restartGraceMs: number = longest,
  ) {}

  /** Grows when a lease ends before it was said to. */
  get setbacks(): number {
    return this.setbackCount;
  }

  get longestMs(): number {
    return this.longest;
  }

  /** `raised`: this is the longest lease so far, to be stored before the answer. */
  renew(controllerId: string, incarnation: bigint, leaseMs: number, now: number): { raised: boolean } | Refusal {
    const lease = this.newest.get(controllerId);
    if (lease && isOver(lease, incarnation)) {
      const found = incarnation < lease.incarnation ? `${lease.incarnation} is known` : 'it was ended';
      return new Refusal(
        'superseded',
        `Incarnation ${incarnation} of ${controllerId} asks for a use lease, but ${found}.`,
      );
    }
    this.extend(controllerId, incarnation, now + leaseMs);
    const raised = leaseMs > this.longest;
    if (raised) this.longest = leaseMs;
    return { raised };
  }

  /** A container was bound to this incarnation. */
  expect(controllerId: string, incarnation: bigint, now: number): void {
    const lease = this.newest.get(controllerId);
    if (lease && isOver(lease, incarnation)) return;
    this.extend(controllerId, incarnation, now + Math.max(this.graceMs, this.longest));
  }

  /** Its process was reaped: it will not come back. */
  end(controllerId: string, incarnation: bigint, now: number): void {
    const lease = this.newest.get(controllerId);
    if (lease && lease.incarnation > incarnation) return;
    this.setbackCount += 1;
    this.earliest = Math.min(this.earliest, now);
    this.newest.set(controllerId, { incarnation, text: String(incarnation), until: now, ended: true });
  }

  lives(controllerId: string, incarnation: bigint, now: number): boolean {
    const lease = this.newest.get(controllerId);
    if (lease && isOver(lease, incarnation)) return false;
    if (now < this.startedAt + this.restartGraceMs) return true;
    return lease !== undefined && lease.incarnation === incarnation && now < lease.until;
  }

  /** The end of the lease of whom a note names, as long as nothing sets it back (`setbacks`); -Infinity where that is not so simple. */
  livesUntil({ owner, incarnation }: OwnersNote, now: number): number {
    const lease = this.newest.get(owner);
    return lease?.text === incarnation && !lease.ended && now < lease.until ? lease.until : -Infinity;
  }

  /** Forgets controllers that own nothing here and have been silent for long. */
  forget(now: number, ownsHere: (controllerId: string) => boolean): void {
    if (now - this.earliest <= rememberedMs) return;
    this.earliest = Infinity;
    for (const [controllerId, lease] of this.newest) {
      if (now - lease.until > rememberedMs && !ownsHere(controllerId)) this.newest.delete(controllerId);
      else this.earliest = Math.min(this.earliest, lease.until);
    }
  }

  private extend(controllerId: string, incarnation: bigint, until: number): void {
    const lease = this.newest.get(controllerId);
    if (!lease || lease.incarnation < incarnation) {
      if (lease) this.setbackCount += 1;
      this.earliest = Math.min(this.earliest, until);
      this.newest.set(controllerId, { incarnation, text: String(incarnation), until, ended: false });
    } else lease.until = Math.max(lease.until, until);
  }
}
