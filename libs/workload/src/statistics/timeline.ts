// What happened when: time in slots of equal width, and in each what began, ended and failed, how long it took, and how many containers ran. Pure.
//
// Guarantees: at most `slotsMost` slots; a longer run makes them twice as wide, so a week costs as much as a minute. Sums over all slots are exact.
import { z } from 'zod';
import type { ContainerIdentity } from './finished-request';

/** Latency classes of the heat map: ten for each factor of ten, from 0.1 ms to 1,000 s; the first and last take what is beyond. */
export const latencyClasses = 70;
const classesPerDecade = 10;
const lowestMs = 0.1;
export const slotsMost = 600;
const firstWidthMs = 100;

export const latencyClass = (ms: number): number =>
  ms <= lowestMs ? 0 : Math.min(latencyClasses - 1, Math.floor(Math.log10(ms / lowestMs) * classesPerDecade));
/** Where a class begins, milliseconds. */
export const classStartMs = (at: number): number => lowestMs * Math.pow(10, at / classesPerDecade);

export const timelineResultSchema = z.object({
  widthMs: z.number().positive(),
  slots: z.array(
    z.object({
      due: z.int(),
      ended: z.int(),
      errors: z.int(),
      busyMs: z.number().describe('time that runs took within the slot, added up'),
      containers: z.int().describe('containers that ran something in the slot'),
      latencies: z
        .array(z.int())
        .describe('requests by latency class, by the slot they were due in; zeros at the end are left out'),
    }),
  ),
});
export type TimelineResult = z.infer<typeof timelineResultSchema>;

class Slot {
  due = 0;
  ended = 0;
  errors = 0;
  busyMs = 0;
  readonly containers = new Set<ContainerIdentity>();
  readonly latencies = new Int32Array(latencyClasses);

  merge(other: Slot): void {
    this.due += other.due;
    this.ended += other.ended;
    this.errors += other.errors;
    this.busyMs += other.busyMs;
    for (const container of other.containers) this.containers.add(container);
    for (const [at, count] of other.latencies.entries()) this.latencies[at]! += count;
  }
}

export class Timeline {
  private slots: Slot[] = [];

  constructor(private widthMs = firstWidthMs) {}

  ended(intendedMs: number, endedMs: number, isError: boolean): void {
    const due = this.slotAt(intendedMs);
    due.due += 1;
    if (!isError) due.latencies[latencyClass(endedMs - intendedMs)]! += 1;
    // The slot may have been folded meanwhile, so it is looked up again.
    const end = this.slotAt(endedMs);
    end.ended += 1;
    if (isError) end.errors += 1;
  }

  ran(container: ContainerIdentity | undefined, startMs: number, endMs: number): void {
    this.slotAt(endMs);
    const last = Math.floor(endMs / this.widthMs);
    for (let at = Math.max(0, Math.floor(startMs / this.widthMs)); at <= last; at += 1) {
      const slot = this.slots[at]!;
      const from = Math.max(startMs, at * this.widthMs);
      const to = Math.min(endMs, (at + 1) * this.widthMs);
      slot.busyMs += Math.max(0, to - from);
      if (container !== undefined) slot.containers.add(container);
    }
  }

  merge(other: Timeline): void {
    while (this.widthMs < other.widthMs) this.fold();
    for (const [at, slot] of other.slots.entries()) this.slotAt(at * other.widthMs).merge(slot);
  }

  toJson(): TimelineResult {
    const slots = this.slots.map(({ due, ended, errors, busyMs, containers, latencies }) => {
      let last = latencyClasses;
      while (last > 0 && latencies[last - 1] === 0) last -= 1;
      return {
        due,
        ended,
        errors,
        busyMs: Math.round(busyMs * 1_000) / 1_000,
        containers: containers.size,
        latencies: [...latencies.subarray(0, last)],
      };
    });
    return { widthMs: this.widthMs, slots };
  }

  private slotAt(ms: number): Slot {
    while (ms >= this.widthMs * slotsMost) this.fold();
    const at = Math.max(0, Math.floor(ms / this.widthMs));
    while (this.slots.length <= at) this.slots.push(new Slot());
    return this.slots[at]!;
  }

  private fold(): void {
    const folded: Slot[] = [];
    for (let at = 0; at < this.slots.length; at += 2) {
      const slot = this.slots[at]!;
      const next = this.slots[at + 1];
      if (next) slot.merge(next);
      folded.push(slot);
    }
    this.slots = folded;
    this.widthMs *= 2;
  }
}
