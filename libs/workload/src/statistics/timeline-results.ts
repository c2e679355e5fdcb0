// Written timelines as one, each from its own start. Pure.
//
// Guarantees: the merged one has the widest slots of them, whatever their widths, and sums over all slots are exact, but for containers: of those that ran in two
// slots that become one, the more are taken, since which they were is not written.
import { slotsMost, type TimelineResult } from './timeline';

type Slot = TimelineResult['slots'][number];
const empty: Slot = { due: 0, ended: 0, errors: 0, busyMs: 0, containers: 0, latencies: [] };

/** Widths are the same times a power of two, as every timeline's are. */
export function mergeTimelines(all: readonly TimelineResult[]): TimelineResult {
  let widthMs = Math.max(...all.map((timeline) => timeline.widthMs));
  // Those of other versions may have more slots.
  while (all.some(({ slots, widthMs: own }) => slots.length * own > widthMs * slotsMost)) widthMs *= 2;
  const slots: Slot[] = [];
  for (const { widthMs: own, slots: found } of all) {
    const widened = new Map<number, Slot>();
    for (const [at, slot] of found.entries()) {
      const place = Math.floor((at * own) / widthMs);
      widened.set(place, plus(widened.get(place) ?? empty, slot, Math.max));
    }
    for (const [place, slot] of widened) {
      while (slots.length <= place) slots.push(empty);
      slots[place] = plus(slots[place]!, slot, (left, right) => left + right);
    }
  }
  return { widthMs, slots };
}

function plus(left: Slot, right: Slot, containers: (left: number, right: number) => number): Slot {
  const length = Math.max(left.latencies.length, right.latencies.length);
  return {
    due: left.due + right.due,
    ended: left.ended + right.ended,
    errors: left.errors + right.errors,
    busyMs: Math.round((left.busyMs + right.busyMs) * 1_000) / 1_000,
    containers: containers(left.containers, right.containers),
    latencies: Array.from({ length }, (_, at) => (left.latencies[at] ?? 0) + (right.latencies[at] ?? 0)),
  };
}
