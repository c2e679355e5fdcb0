// The seam of retention: activation records and logs are kept for a time, then removed. Everything else is kept until somebody deletes it.
//
// Guarantees (retention.conformance.ts): nothing younger than the time is removed; one call removes a bounded amount, so that nobody waits long
// behind it; any number of processes may call it at once. Where tables are partitioned, it also makes the partitions of the next days.

export interface Retention {
  /**
   * Removes records and logs that are older than `keptMs` by the store's clock: where they are rows, at most `rowsCount` of each.
   * Answers whether there may be more.
   */
  sweep(keptMs: number, rowsCount: number): Promise<boolean>;
}
