// How many rows of the durable queue a controller holds, and when it claims more. Pure.
//
// Guarantees: at most one claim is under way; never more are in hand than the window allows at the moment of asking; a wake-up that comes
// while a claim is under way is not lost, but leads to the next claim; nothing is claimed after `stop`.
import type { Limits } from '#limits';

export class ClaimWindow {
  private readonly inHand = new Set<string>();
  private isClaiming = false;
  private isWanted = false;
  private isStopped = false;
  private asked = 0;

  constructor(private readonly limits: Pick<Limits, 'claimWindowExtraCount'>) {}

  get size(): number {
    return this.inHand.size;
  }

  has(activationId: string): boolean {
    return this.inHand.has(activationId);
  }

  /** Something may be there to claim, or there is room again. Answers how many rows to claim now; 0: none. */
  wake(ownContainers: number): number {
    if (this.isStopped) return 0;
    this.isWanted = true;
    return this.isClaiming ? 0 : this.next(ownContainers);
  }

  /** The claim under way was answered. Ask `next` once all of them were begun. */
  took(activationIds: readonly string[]): void {
    for (const id of activationIds) this.inHand.add(id);
    // More may wait than the window took.
    if (activationIds.length === this.asked) this.isWanted = true;
  }

  /** How many rows to claim next; 0: the claiming is over. */
  next(ownContainers: number): number {
    const room = 2 * ownContainers + this.limits.claimWindowExtraCount - this.inHand.size;
    this.isClaiming = this.isWanted && !this.isStopped && room > 0;
    this.isWanted = false;
    this.asked = this.isClaiming ? room : 0;
    return this.asked;
  }

  /** The claim under way failed; a later wake-up tries again. */
  failed(): void {
    this.isClaiming = false;
  }

  /** It has ended here, or was given back. */
  done(activationId: string): void {
    this.inHand.delete(activationId);
  }

  stop(): void {
    this.isStopped = true;
  }
}
