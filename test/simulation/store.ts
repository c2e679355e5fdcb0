// The store that controllers share, as its seams promise it (invocation-queue.ts, activation-store.ts): records of which the first wins, and
// rows of the durable queue that move by compare-and-set on owner and attempt, judged by the store's own clock. Every question is one
// transaction. It may answer late, fail before a transaction, or fail after it, so that whoever asked cannot know.
import type { Process } from './process';
import type { Action } from './invocation';
import type { World } from './world';

type QueueState = 'queued' | 'claimed' | 'started';

/** What a client asked for without waiting. */
export interface QueuedRow {
  readonly activation: string;
  readonly action: Action;
  readonly takesMs: number;
}

export interface Row extends QueuedRow {
  state: QueueState;
  owner: string | undefined;
  attempt: number;
  lost: number;
  readonly enqueuedAt: number;
  claimedUntil: number;
  startedAt: number;
  timeLimitMs: number;
}

export interface ClaimedRow extends QueuedRow {
  readonly attempt: number;
  readonly lost: number;
  readonly ageMs: number;
}

export interface StartedRow extends ClaimedRow {
  readonly owner: string;
}

export interface Claim {
  readonly owner: string;
  readonly attempt: number;
}

export interface StoredRecord {
  readonly activation: string;
  readonly how: string;
  /** The row that it settles. */
  readonly settles?: Claim | undefined;
}

export class Store {
  readonly rows = new Map<string, Row>();
  readonly records = new Map<string, string>();
  /** Share of transactions that fail, before or after they were committed. */
  failShare = 0;
  private stalledUntil = 0;

  constructor(private readonly world: World) {}

  // ---- how it is reached ----

  stall(ms: number): void {
    this.world.transcript.say('store', `answers nothing for ${Math.round(ms)} ms`);
    this.stalledUntil = this.world.queue.now + ms;
  }

  repair(): void {
    this.stalledUntil = 0;
    this.failShare = 0;
  }

  /** One transaction; `undefined` is an error, of which nobody can say whether it was committed. */
  ask<T>(
    from: Process,
    transaction: (store: Store) => T,
    done: (answer: { readonly value: T } | undefined) => void,
  ): void {
    const { queue, network, chance } = this.world;
    const { life } = from;
    const arrive = (): void => {
      if (this.stalledUntil > queue.now) return queue.at(this.stalledUntil + chance.between(0, 5), arrive);
      const isBroken = chance.of(this.failShare);
      const isCommitted = !isBroken || chance.of(0.5);
      const answer = isCommitted ? { value: transaction(this) } : undefined;
      queue.after(network.delay(), () => from.run(life, 'message', () => done(isBroken ? undefined : answer)));
    };
    queue.after(network.delay(), arrive);
  }

  private get now(): number {
    return this.world.queue.now;
  }

  // ---- records ----

  /** Each if absent; one whose row has another owner or attempt by now, or is settled, is not inserted. */
  insert(records: readonly StoredRecord[]): void {
    for (const { activation, how, settles } of records) {
      if (settles) {
        const row = this.rows.get(activation);
        if (row?.owner !== settles.owner || row.attempt !== settles.attempt) continue;
        this.rows.delete(activation);
        this.world.promises.recorded(activation, this.records.has(activation));
      }
      if (this.records.has(activation)) continue;
      if (this.world.watch === 'steps') this.records.set(activation, how);
      this.world.records.stored(activation, how);
    }
  }

  // ---- the queue ----

  /** False: full. A caller that got no answer may ask again. */
  enqueue(row: QueuedRow, capacity: number): boolean {
    let waiting = 0;
    for (const { state } of this.rows.values()) if (state !== 'started') waiting += 1;
    if (waiting >= capacity) return false;
    if (this.rows.has(row.activation)) return true;
    const unowned = { state: 'queued', owner: undefined, claimedUntil: 0, startedAt: 0, timeLimitMs: 0 } as const;
    this.rows.set(row.activation, { ...row, ...unowned, attempt: 0, lost: 0, enqueuedAt: this.now });
    return true;
  }

  claim(owner: string, count: number, leaseMs: number): ClaimedRow[] {
    const { now } = this;
    const claimed: ClaimedRow[] = [];
    // In the order in which they came.
    for (const row of this.rows.values()) {
      if (row.state === 'claimed' && row.claimedUntil <= now) free(row);
      if (row.state !== 'queued' || claimed.length >= count) continue;
      Object.assign(row, { state: 'claimed', owner, claimedUntil: now + leaseMs, attempt: row.attempt + 1 });
      claimed.push(this.seen(row));
    }
    return claimed;
  }

  renew(owner: string, leaseMs: number): void {
    const { now } = this;
    for (const row of this.rows.values()) {
      if (row.state === 'claimed' && row.owner === owner && row.claimedUntil > now) row.claimedUntil = now + leaseMs;
    }
  }

  /** Answers whether the claim still held. */
  start(owner: string, activation: string, attempt: number, timeLimitMs: number): boolean {
    const row = this.held('claimed', owner, activation, attempt);
    if (!row || row.claimedUntil <= this.now) return false;
    Object.assign(row, { state: 'started', claimedUntil: 0, startedAt: this.now, timeLimitMs });
    return true;
  }

  release(owner: string, activation: string, attempt: number): void {
    for (const state of ['claimed', 'started'] as const) {
      const row = this.held(state, owner, activation, attempt);
      if (row) free(row);
    }
  }

  releaseAll(owners: readonly string[]): void {
    for (const row of this.rows.values()) {
      if (row.state === 'claimed' && row.owner !== undefined && owners.includes(row.owner)) free(row);
    }
  }

  /** started -> queued for another attempt, which counts this one as lost. */
  retry(owner: string, activation: string, attempt: number): boolean {
    const row = this.held('started', owner, activation, attempt);
    if (!row) return false;
    free(row);
    row.lost += 1;
    return true;
  }

  started({ owners, overdueGraceMs }: { owners?: readonly string[]; overdueGraceMs?: number }): StartedRow[] {
    const { now } = this;
    const found: StartedRow[] = [];
    for (const row of this.rows.values()) {
      if (row.state !== 'started' || row.owner === undefined) continue;
      if (owners && !owners.includes(row.owner)) continue;
      if (overdueGraceMs !== undefined && row.startedAt + row.timeLimitMs >= now - overdueGraceMs) continue;
      found.push({ ...this.seen(row), owner: row.owner });
    }
    return found;
  }

  owners(): string[] {
    const owners = new Set<string>();
    for (const { owner } of this.rows.values()) if (owner !== undefined) owners.add(owner);
    return [...owners].sort();
  }

  private held(state: QueueState, owner: string, activation: string, attempt: number): Row | undefined {
    const row = this.rows.get(activation);
    return row?.state === state && row.owner === owner && row.attempt === attempt ? row : undefined;
  }

  private seen({ activation, action, takesMs, attempt, lost, enqueuedAt }: Row): ClaimedRow {
    return { activation, action, takesMs, attempt, lost, ageMs: this.now - enqueuedAt };
  }
}

function free(row: Row): void {
  Object.assign(row, { state: 'queued', owner: undefined, claimedUntil: 0, startedAt: 0, timeLimitMs: 0 });
}
