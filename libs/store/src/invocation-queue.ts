// The seam of the durable queue of non-blocking invocations (architecture, section 2).
//
// A row goes queued -> claimed(by, attempt, until) -> started -> settled. Each step is a compare-and-set on owner and attempt, judged by
// the store's clock. Settlement happens in ActivationStore.insert, in the record's transaction. Every batch is one transaction.

export interface QueuedInvocation {
  readonly activationId: string;
  readonly namespace: string;
  /** Wall-clock milliseconds. */
  readonly acceptedAt: number;
  /** What the controller needs to run it, as JSON text. Opaque to the store. */
  readonly invocation: string;
}

export interface ClaimedInvocation extends QueuedInvocation {
  /** How many times it has been claimed, this one included. */
  readonly attempt: number;
  /** How many earlier attempts were started and lost (`retry`). */
  readonly lost: number;
  /** Milliseconds since it was enqueued, by the store's clock. */
  readonly ageMs: number;
}

export interface StartedInvocation extends ClaimedInvocation {
  readonly owner: string;
  /** Milliseconds since it was started, by the store's clock. */
  readonly startedMs: number;
  readonly timeLimitMs: number;
}

export interface InvocationQueue {
  /** Answers for each whether it was taken: false when the queue holds `capacity` unsettled rows that have not started. */
  enqueue(rows: readonly QueuedInvocation[], capacity: number): Promise<boolean[]>;
  /** Claims up to `count` rows, oldest first: queued ones, and claimed ones whose claim has run out. */
  claim(owner: string, count: number, leaseMs: number): Promise<ClaimedInvocation[]>;
  /** Renews every claim of this owner that has not run out. */
  renew(owner: string, leaseMs: number): Promise<void>;
  /** claimed or started -> queued, for what will not be run here and of which nothing was sent to a container. */
  release(owner: string, activations: readonly { activationId: string; attempt: number }[]): Promise<void>;
  /** claimed -> queued, everything that these owners claimed; for owners that are known to be dead. */
  releaseAll(owners: readonly string[]): Promise<void>;
  /** claimed -> started, committed when this resolves. Answers for each whether the claim still held. */
  start(
    owner: string,
    activations: readonly { activationId: string; attempt: number; timeLimitMs: number }[],
  ): Promise<boolean[]>;
  /** Those that are still started by this owner are not overdue before `timeLimitMs` from now: what is run step by step has no limit of its own. */
  prolong(
    owner: string,
    activations: readonly { activationId: string; attempt: number }[],
    timeLimitMs: number,
  ): Promise<void>;
  /** started -> queued for another attempt (annotation hearth-retries), which counts this one as lost. Answers whether it still was this owner's. */
  retry(owner: string, activationId: string, attempt: number): Promise<boolean>;
  /** Rows started by owners that match, for settlement after a crash; at most 1,000, oldest first. */
  started(filter: { owners?: readonly string[]; overdueGraceMs?: number }): Promise<StartedInvocation[]>;
  /** Which of these wait for a claim. */
  stillQueued(activationIds: readonly string[]): Promise<string[]>;
  /** Every distinct owner of unsettled claimed or started rows. */
  owners(): Promise<string[]>;
  /** Unsettled rows by state. */
  counts(): Promise<{ queued: number; claimed: number; started: number }>;
}
