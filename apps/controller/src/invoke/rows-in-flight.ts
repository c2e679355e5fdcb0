// Which rows of the durable queue count as in flight here, against the concurrency limit of their namespace. Pure.
//
// Guarantees: a row that was accepted here counts from its accept until it is over, or until it is known to be in another controller's hands, which
// then counts it; a row that was claimed here counts from its claim. It may count twice for as long as nobody has looked (`doubtful`).

/** Of the throttles. An accepted row has been charged by whoever accepted it. */
export interface InFlightCounter {
  force(namespace: string): void;
  release(namespace: string): void;
}

interface Row {
  readonly namespace: string;
  sinceMs: number;
  isInHand: boolean;
}

export class RowsInFlight {
  private readonly rows = new Map<string, Row>();

  constructor(private readonly counter: InFlightCounter) {}

  /** Takes over the charge of an accepted invocation. */
  accepted(activationId: string, namespace: string, now: number): void {
    // It may have been claimed, and even be over, before its accept came back.
    const row = this.rows.get(activationId);
    if (row) this.counter.release(namespace);
    else this.rows.set(activationId, { namespace, sinceMs: now, isInHand: false });
  }

  claimed(activationId: string, namespace: string): void {
    const row = this.rows.get(activationId);
    if (row) {
      row.isInHand = true;
      return;
    }
    this.counter.force(namespace);
    this.rows.set(activationId, { namespace, sinceMs: 0, isInHand: true });
  }

  /** Its claim ends: whoever claims it next counts it. */
  givenBack(activationId: string, now: number): void {
    const row = this.rows.get(activationId);
    if (row) Object.assign(row, { isInHand: false, sinceMs: now });
  }

  /** The store says that it waits no more. It may have been claimed here since it was asked. */
  leftToOthers(activationId: string): void {
    if (this.rows.get(activationId)?.isInHand === false) this.over(activationId);
  }

  /** It has ended. */
  over(activationId: string): void {
    const row = this.rows.get(activationId);
    if (!row) return;
    this.rows.delete(activationId);
    this.counter.release(row.namespace);
  }

  /** Rows that were accepted here at least that long ago and not claimed here since: somebody else may have them. */
  doubtful(now: number, afterMs: number): string[] {
    return [...this.rows].flatMap(([id, { isInHand, sinceMs }]) => (!isInHand && now - sinceMs >= afterMs ? [id] : []));
  }

  get size(): number {
    return this.rows.size;
  }
}
