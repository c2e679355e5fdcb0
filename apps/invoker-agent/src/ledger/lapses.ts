// Whose use lease has lapsed of those who own something on this node. Asked at every heartbeat, so it is not gone through all containers each time.
//
// Guarantee: as if every note were looked at each time. What is known is until when none lapses: that only grows by renewals, is asked again for
// each new note, and is forgotten when a lease was set back.
import type { Note } from '#protocol';
import type { UseLeases } from './use-leases';

export interface LapsedOwner {
  readonly controllerId: string;
  readonly incarnation: bigint;
}

export class Lapses {
  private noneUntil = -Infinity;
  private setbacks = 0;

  constructor(private readonly leases: UseLeases) {}

  /** A container's note is this from now on. */
  noted(note: Note, now: number): void {
    this.noneUntil = Math.min(this.noneUntil, this.leases.livesUntil(note, now));
  }

  /** Some note is another than when it was asked for last. */
  unsure(): void {
    this.noneUntil = -Infinity;
  }

  /** Incarnations that own something here and whose use lease has lapsed. */
  of(containers: Iterable<{ readonly note: Note | undefined }>, now: number): LapsedOwner[] {
    const { leases } = this;
    if (now < this.noneUntil && this.setbacks === leases.setbacks) return [];
    this.setbacks = leases.setbacks;
    this.noneUntil = Infinity;
    const lapsed = new Map<string, LapsedOwner>();
    for (const { note } of containers) {
      if (!note) continue;
      const livesUntil = leases.livesUntil(note, now);
      this.noneUntil = Math.min(this.noneUntil, livesUntil);
      const { owner: controllerId, incarnation } = note;
      if (livesUntil > now || leases.lives(controllerId, BigInt(incarnation), now)) continue;
      lapsed.set(`${controllerId} ${incarnation}`, { controllerId, incarnation: BigInt(incarnation) });
    }
    return [...lapsed.values()];
  }
}
