// Tombstones: ids that were removed, so that a creation which comes late does not bring them back.
//
// Kept for twice the create time-out, after which no such creation can still be on its way. Bounded: beyond `most` the oldest goes.

const most = 100_000;

export class Tombstones {
  /** None ends before. */
  private earliest = Infinity;
  /** In the order of their end. */
  private readonly until = new Map<string, number>();

  constructor(private readonly lifetimeMs: number) {}

  set(id: string, now: number): void {
    this.until.delete(id);
    this.until.set(id, now + this.lifetimeMs);
    this.earliest = Math.min(this.earliest, now + this.lifetimeMs);
    if (this.until.size > most) {
      const [oldest] = this.until.keys();
      if (oldest !== undefined) this.until.delete(oldest);
    }
  }

  has(id: string, now: number): boolean {
    return now < (this.until.get(id) ?? -Infinity);
  }

  expire(now: number): void {
    if (this.earliest > now) return;
    for (const [id, until] of this.until) {
      this.earliest = until;
      if (until > now) return;
      this.until.delete(id);
    }
    this.earliest = Infinity;
  }
}
