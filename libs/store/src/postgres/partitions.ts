// Days as partitions: which there should be, which may go. Pure.
//
// A partition holds one day of UTC and is called by it: `activations_20231114`. What belongs to no day that has one is in the rest.

export const dayMs = 86_400_000;

/** Tables that are partitioned, with the column that says when. */
export const partitionedTables = [
  { table: 'activations', column: 'accepted_at' },
  { table: 'activation_logs', column: 'written_at' },
] as const;
export type PartitionedTable = (typeof partitionedTables)[number]['table'];

/** Besides today's, so that a day on which nobody can make one does no harm. */
const daysAhead = 2;

export interface Partition {
  readonly name: string;
  /** Inclusive, and exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

export function partitionOf(table: PartitionedTable, ms: number): Partition {
  const fromMs = Math.floor(ms / dayMs) * dayMs;
  const day = new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '');
  return { name: `${table}_${day}`, fromMs, toMs: fromMs + dayMs };
}

export const restOf = (table: PartitionedTable): string => `${table}_rest`;

/** Of today and the next days, without those that are there. */
export function missing(table: PartitionedTable, there: readonly string[], nowMs: number): Partition[] {
  const days = Array.from({ length: daysAhead + 1 }, (_, day) => partitionOf(table, nowMs + day * dayMs));
  return days.filter(({ name }) => !there.includes(name));
}

/** Names of those that hold nothing from `beforeMs` on. */
export function expired(table: PartitionedTable, there: readonly string[], beforeMs: number): string[] {
  const first = partitionOf(table, beforeMs).name;
  // Names of one length with the day at their end: their order is that of the days.
  return there.filter((name) => name !== restOf(table) && name.length === first.length && name < first);
}
