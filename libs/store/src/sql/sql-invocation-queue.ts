// The durable queue in SQL. Guarantees are those of the seam (invocation-queue.ts).
//
// Each step reads the rows that it is about, decides by owner, attempt and the store's clock, and writes, in one transaction that
// nobody else can come into between. A claim that has run out is a queued row again as soon as anybody claims; until then it is only
// not renewed and not started any more.
import type { SelectQueryBuilder, Updateable } from 'kysely';
import type { ClaimedInvocation, InvocationQueue, QueuedInvocation, StartedInvocation } from '../invocation-queue';
import { inChunks } from './chunks';
import type { Differences } from './differences';
import { lockRows } from './lock-rows';
import type { Database, QueueState, QueueTable, Tables } from './tables';

const startedLengthMax = 1_000;
const unowned = { state: 'queued', owner: null, claimed_until: null, started_at: null, time_limit_ms: null } as const;
const claimColumns = [
  'activation_id',
  'namespace',
  'accepted_at',
  'invocation',
  'attempt',
  'lost',
  'enqueued_at',
] as const;

interface Attempt {
  readonly activationId: string;
  readonly attempt: number;
}

/** Rows that have not started. Nobody else enqueues until this transaction is over: two that count at once would both find room. */
export async function waitingCount(transaction: Database, differences: Differences): Promise<number> {
  await differences.alone(transaction, 'enqueue');
  const { waiting } = await transaction
    .selectFrom('queue')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('state', 'in', ['queued', 'claimed'])
    .executeTakeFirstOrThrow();
  return Number(waiting);
}

/** `now` is the store's. */
export function insertQueued(transaction: Database, now: number, rows: readonly QueuedInvocation[]): Promise<void> {
  return inChunks(rows, async (chunk) => {
    const values = chunk.map((row): QueueTable => ({
      ...unowned,
      ...tableRow(row),
      enqueued_at: now,
      attempt: 0,
      lost: 0,
    }));
    // A caller that got no answer may ask again.
    const insert = transaction.insertInto('queue').values(values);
    await insert.onConflict((clash) => clash.doNothing()).execute();
  });
}

export class SqlInvocationQueue implements InvocationQueue {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  enqueue(rows: readonly QueuedInvocation[], capacity: number): Promise<boolean[]> {
    return this.step(async (transaction, now) => {
      const waiting = await waitingCount(transaction, this.differences);
      const taken = rows.slice(0, Math.max(0, capacity - waiting));
      await insertQueued(transaction, now, taken);
      return rows.map((_, index) => index < taken.length);
    });
  }

  claim(owner: string, count: number, leaseMs: number): Promise<ClaimedInvocation[]> {
    return this.step(async (transaction, now) => {
      const claims = transaction.selectFrom('queue').select('activation_id').where('state', '=', 'claimed');
      const lapsed = claims.where('claimed_until', '<=', now);
      await change(transaction, await this.unlocked(lapsed), unowned);
      const queued = transaction.selectFrom('queue').select('activation_id').where('state', '=', 'queued');
      const oldest = queued.orderBy('enqueued_at').orderBy('activation_id').limit(count);
      const found = await lockRows(oldest, this.differences, 'skip').execute();
      if (found.length === 0) return [];
      const ids = found.map(({ activation_id }) => activation_id);
      const rows = await transaction
        .updateTable('queue')
        .set({ state: 'claimed', owner, claimed_until: now + leaseMs })
        .set(({ eb, ref }) => ({ attempt: eb(ref('attempt'), '+', 1) }))
        .where('activation_id', 'in', ids)
        .returning(claimColumns)
        .execute();
      return rows.sort(byAge).map((row) => claimed(row, now));
    });
  }

  async renew(owner: string, leaseMs: number): Promise<void> {
    await this.step(async (transaction, now) => {
      const claims = transaction.selectFrom('queue').select('activation_id').where('state', '=', 'claimed');
      const held = claims.where('owner', '=', owner).where('claimed_until', '>', now);
      // What another transaction of this owner starts or settles just now needs no renewal.
      await change(transaction, await this.unlocked(held), { claimed_until: now + leaseMs });
    });
  }

  async release(owner: string, activations: readonly Attempt[]): Promise<void> {
    await this.step(async (transaction) => {
      for (const state of ['claimed', 'started'] as const) {
        const held = await this.held(transaction, state, owner, activations);
        await change(transaction, [...held.keys()], unowned);
      }
    });
  }

  async releaseAll(owners: readonly string[]): Promise<void> {
    await this.step(async (transaction) => {
      const claims = transaction.selectFrom('queue').select('activation_id').where('state', '=', 'claimed');
      await inChunks(owners, async (chunk) => {
        await change(transaction, await this.unlocked(claims.where('owner', 'in', chunk)), unowned);
      });
    });
  }

  start(owner: string, activations: readonly (Attempt & { readonly timeLimitMs: number })[]): Promise<boolean[]> {
    return this.step(async (transaction, now) => {
      const held = await this.held(transaction, 'claimed', owner, activations);
      const byLimit = new Map<number, string[]>();
      const started = activations.map(({ activationId, timeLimitMs }) => {
        const until = held.get(activationId)?.claimed_until;
        if (!until || until <= now) return false;
        held.delete(activationId);
        byLimit.set(timeLimitMs, [...(byLimit.get(timeLimitMs) ?? []), activationId]);
        return true;
      });
      for (const [timeLimitMs, ids] of byLimit) {
        await change(transaction, ids, {
          state: 'started',
          claimed_until: null,
          started_at: now,
          time_limit_ms: timeLimitMs,
        });
      }
      return started;
    });
  }

  async prolong(owner: string, activations: readonly Attempt[], timeLimitMs: number): Promise<void> {
    await this.step(async (transaction, now) => {
      const held = await this.held(transaction, 'started', owner, activations);
      await inChunks([...held.keys()], async (chunk) => {
        await transaction
          .updateTable('queue')
          .set(({ eb, val, ref }) => ({ time_limit_ms: eb(val(now + timeLimitMs), '-', ref('started_at')) }))
          .where('activation_id', 'in', chunk)
          .execute();
      });
    });
  }

  retry(owner: string, activationId: string, attempt: number): Promise<boolean> {
    return this.step(async (transaction) => {
      const held = await this.held(transaction, 'started', owner, [{ activationId, attempt }]);
      if (held.size === 0) return false;
      await transaction
        .updateTable('queue')
        .set(unowned)
        .set(({ eb, ref }) => ({ lost: eb(ref('lost'), '+', 1) }))
        .where('activation_id', '=', activationId)
        .execute();
      return true;
    });
  }

  async started({
    owners,
    overdueGraceMs,
  }: {
    owners?: readonly string[];
    overdueGraceMs?: number;
  }): Promise<StartedInvocation[]> {
    if (owners?.length === 0) return [];
    const now = await this.differences.nowMs(this.database);
    let query = this.database
      .selectFrom('queue')
      .select([...claimColumns, 'owner', 'started_at', 'time_limit_ms'])
      .where('state', '=', 'started');
    if (owners) query = query.where('owner', 'in', owners);
    if (overdueGraceMs !== undefined) {
      query = query.where(({ eb, ref }) =>
        eb(eb(ref('started_at'), '+', ref('time_limit_ms')), '<', now - overdueGraceMs),
      );
    }
    const rows = await query.orderBy('enqueued_at').orderBy('activation_id').limit(startedLengthMax).execute();
    return rows.map((row) => ({
      ...claimed(row, now),
      owner: row.owner!,
      startedMs: Math.max(0, now - row.started_at!),
      timeLimitMs: row.time_limit_ms!,
    }));
  }

  async stillQueued(activationIds: readonly string[]): Promise<string[]> {
    const query = this.database.selectFrom('queue').select('activation_id').where('state', '=', 'queued');
    const rows = await query.where('activation_id', 'in', [...activationIds]).execute();
    return rows.map(({ activation_id }) => activation_id);
  }

  async owners(): Promise<string[]> {
    const query = this.database
      .selectFrom('queue')
      .select('owner')
      .distinct()
      .where('state', 'in', ['claimed', 'started']);
    return (await query.orderBy('owner').execute()).map(({ owner }) => owner!);
  }

  async counts(): Promise<{ queued: number; claimed: number; started: number }> {
    const query = this.database.selectFrom('queue').select(({ fn }) => ['state', fn.countAll<number>().as('rows')]);
    const counts = { queued: 0, claimed: 0, started: 0 };
    for (const { state, rows } of await query.groupBy('state').execute()) counts[state] = Number(rows);
    return counts;
  }

  private step<Result>(work: (transaction: Database, now: number) => Promise<Result>): Promise<Result> {
    return this.database
      .transaction()
      .execute(async (transaction) => work(transaction, await this.differences.nowMs(transaction)));
  }

  /** Locks the rows that nobody else has locked; answers their ids. */
  private async unlocked(query: SelectQueryBuilder<Tables, 'queue', { activation_id: string }>): Promise<string[]> {
    const rows = await lockRows(query, this.differences, 'skip').execute();
    return rows.map(({ activation_id }) => activation_id);
  }

  /** Those of the activations that are in this state with this owner and attempt, locked. */
  private async held(transaction: Database, state: QueueState, owner: string, activations: readonly Attempt[]) {
    if (activations.length === 0) return new Map<string, never>();
    const attempts = new Map(activations.map(({ activationId, attempt }) => [activationId, attempt]));
    const query = transaction
      .selectFrom('queue')
      .select(['activation_id', 'attempt', 'claimed_until'])
      .where('activation_id', 'in', [...attempts.keys()])
      .where('state', '=', state)
      .where('owner', '=', owner);
    const rows = await lockRows(query.orderBy('activation_id'), this.differences).execute();
    return new Map(
      rows.filter((row) => attempts.get(row.activation_id) === row.attempt).map((row) => [row.activation_id, row]),
    );
  }
}

async function change(transaction: Database, ids: readonly string[], values: Updateable<QueueTable>): Promise<void> {
  await inChunks(ids, async (chunk) => {
    await transaction.updateTable('queue').set(values).where('activation_id', 'in', chunk).execute();
  });
}

function tableRow({ activationId, namespace, acceptedAt, invocation }: QueuedInvocation) {
  return { activation_id: activationId, namespace, accepted_at: acceptedAt, invocation };
}

type ClaimRow = Pick<QueueTable, (typeof claimColumns)[number]>;

function claimed(row: ClaimRow, now: number): ClaimedInvocation {
  return {
    activationId: row.activation_id,
    namespace: row.namespace,
    acceptedAt: row.accepted_at,
    invocation: row.invocation,
    attempt: row.attempt,
    lost: row.lost,
    ageMs: Math.max(0, now - row.enqueued_at),
  };
}

/** `returning` promises no order. */
function byAge(left: ClaimRow, right: ClaimRow): number {
  return left.enqueued_at - right.enqueued_at || (left.activation_id < right.activation_id ? -1 : 1);
}
