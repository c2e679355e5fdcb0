// The seam of activation records.
//
// Guarantees (activation-store.conformance.ts): a record is keyed by (namespace, activation id) and inserted if absent, so that the first one
// wins and replay does no harm; a batch is one transaction; listing is newest first by start and reads only the summary columns.

/** A finished activation as it is stored. Times are wall-clock milliseconds. */
export interface ActivationRow {
  readonly namespace: string;
  /** 32 lower-case hex digits; the first 12 are the accept time. */
  readonly activationId: string;
  readonly acceptedAt: number;
  readonly start: number;
  /** undefined for triggers. */
  readonly end: number | undefined;
  readonly name: string;
  /** Package of the action by which it was invoked (binding first), undefined if none. */
  readonly packageName: string | undefined;
  /** 0 success, 1 application error, 2 action developer error, 3 whisk internal error. */
  readonly statusCode: number;
  /** The summary that lists show, as compact JSON text of an object without `docs` members. */
  readonly summary: string;
  /** The whole record as compact JSON text, with `logs: []`; logs live in the log store, and response.statusCode in the column. */
  readonly record: string;
  /** The queue row to settle in the same transaction, for non-blocking invocations. */
  readonly settles?: { readonly owner: string; readonly attempt: number };
  /** Settles its queue row, and is not inserted: its namespace keeps no activations. Both texts may be empty then. */
  readonly isUnkept?: true;
}

export interface ActivationQuery {
  readonly namespace: string;
  readonly name?: string;
  /** null: only activations of actions without a package; undefined: of all. */
  readonly packageName?: string | null;
  /** Inclusive bounds on start. */
  readonly since?: number;
  readonly upto?: number;
  readonly skip: number;
  readonly limit: number;
}

export interface ActivationStore {
  /**
   * Inserts a batch in one transaction, each if absent, and settles the queue rows that they name. A record whose `settles` no longer
   * matches its queue row (another owner or attempt, or settled already) is not inserted: the first record wins.
   */
  insert(rows: readonly ActivationRow[]): Promise<void>;
  /** Throws StoreError `corrupt` for a record that is no JSON. */
  get(namespace: string, activationId: string): Promise<string | undefined>;
  /** Summaries (compact JSON texts), newest start first. What cannot be read is left out, here and in `listRecords`. */
  list(query: ActivationQuery): Promise<string[]>;
  /** Whole records, in the same order. */
  listRecords(query: ActivationQuery): Promise<string[]>;
  count(query: Omit<ActivationQuery, 'limit'>): Promise<number>;
}
