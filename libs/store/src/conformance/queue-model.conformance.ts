// The queue against a model of a dozen lines: any interleaving of two owners' steps, with time moved at will, gives the same answers,
// and every enqueued invocation ends as at most one record.
import fc from 'fast-check';
import type { ManualClock } from '#clock';
import { idOf, invocationOf, recordOf } from './records';
import type { DatabaseUnderTest } from '../sql/database-under-test';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';

interface Row {
  state: 'queued' | 'claimed' | 'started' | 'settled';
  owner: string | undefined;
  attempt: number;
  lost: number;
  until: number;
  enqueued: number;
}

/** The seam's sentences as plain code. */
class Model {
  now = 0;
  readonly rows = new Map<number, Row>();
  readonly records = new Map<number, string>();

  private row(index: number, state: Row['state'], owner: string, attempt: number): Row | undefined {
    const row = this.rows.get(index);
    return row?.state === state && row.owner === owner && row.attempt === attempt ? row : undefined;
  }
  enqueue(index: number, capacity: number): boolean {
    const waiting = [...this.rows.values()].filter(({ state }) => state === 'queued' || state === 'claimed').length;
    if (waiting >= capacity) return false;
    this.rows.set(index, { state: 'queued', owner: undefined, attempt: 0, lost: 0, until: 0, enqueued: this.now });
    return true;
  }
  claim(owner: string, count: number, leaseMs: number): number[] {
    for (const row of this.rows.values()) if (row.state === 'claimed' && row.until <= this.now) row.state = 'queued';
    const oldest = [...this.rows]
      .filter(([, { state }]) => state === 'queued')
      .sort(([i, a], [j, b]) => a.enqueued - b.enqueued || i - j);
    const taken = oldest.slice(0, count);
    for (const [, row] of taken)
      Object.assign(row, { state: 'claimed', owner, attempt: row.attempt + 1, until: this.now + leaseMs });
    return taken.map(([index]) => index);
  }
  renew(owner: string, leaseMs: number): void {
    for (const row of this.rows.values()) {
      if (row.state === 'claimed' && row.owner === owner && row.until > this.now) row.until = this.now + leaseMs;
    }
  }
  release(owner: string, index: number, attempt: number): void {
    const row = this.row(index, 'claimed', owner, attempt) ?? this.row(index, 'started', owner, attempt);
    if (row) row.state = 'queued';
  }
  start(owner: string, index: number, attempt: number): boolean {
    const row = this.row(index, 'claimed', owner, attempt);
    if (!row || row.until <= this.now) return false;
    row.state = 'started';
    return true;
  }
  retry(owner: string, index: number, attempt: number): boolean {
    const row = this.row(index, 'started', owner, attempt);
    if (row) Object.assign(row, { state: 'queued', lost: row.lost + 1 });
    return row !== undefined;
  }
  settle(owner: string, index: number, attempt: number, text: string): void {
    const row = this.row(index, 'started', owner, attempt) ?? this.row(index, 'claimed', owner, attempt);
    if (!row) return;
    row.state = 'settled';
    this.records.set(index, text);
  }
  counts() {
    const counts = { queued: 0, claimed: 0, started: 0, settled: 0 };
    for (const { state } of this.rows.values()) counts[state] += 1;
    const { settled: _, ...unsettled } = counts;
    return unsettled;
  }
}

const owner = fc.constantFrom('me', 'you');
const target = { owner, index: fc.integer({ min: 0, max: 2 }), attempt: fc.integer({ min: 1, max: 2 }) };
const step = fc.oneof(
  fc.record({ do: fc.constant('enqueue' as const) }),
  fc.record({
    do: fc.constant('claim' as const),
    owner,
    count: fc.integer({ min: 0, max: 3 }),
    leaseMs: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({ do: fc.constant('renew' as const), owner, leaseMs: fc.integer({ min: 1, max: 20 }) }),
  fc.record({
    do: fc.constantFrom('release' as const, 'start' as const, 'retry' as const, 'settle' as const),
    ...target,
  }),
  fc.record({ do: fc.constantFrom('start' as const, 'settle' as const), ...target }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
);

const capacity = 3;

/** `clock` is the database's. */
export async function answersAsTheModelDoes(
  clock: ManualClock,
  under: DatabaseUnderTest,
  numRuns: number,
): Promise<void> {
  const { database, differences } = under;
  await migrate(database, differences, 'test');
  const { queue, activations } = sqlStores(database, differences);

  const run = async (
    steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[],
  ): Promise<void> => {
    await database.deleteFrom('queue').execute();
    await database.deleteFrom('activations').execute();
    const model = new Model();
    let enqueued = 0;
    let settled = 0;
    for (const action of steps) {
      switch (action.do) {
        case 'enqueue':
          expect(await queue.enqueue([invocationOf(enqueued)], capacity)).toEqual([model.enqueue(enqueued, capacity)]);
          enqueued += 1;
          break;
        case 'claim': {
          const claimed = await queue.claim(action.owner, action.count, action.leaseMs);
          const expected = model.claim(action.owner, action.count, action.leaseMs);
          expect(claimed.map(({ activationId, attempt, lost }) => [activationId, attempt, lost])).toEqual(
            expected.map((index) => [idOf(index), model.rows.get(index)!.attempt, model.rows.get(index)!.lost]),
          );
          break;
        }
        case 'renew':
          await queue.renew(action.owner, action.leaseMs);
          model.renew(action.owner, action.leaseMs);
          break;
        case 'release':
          await queue.release(action.owner, [{ activationId: idOf(action.index), attempt: action.attempt }]);
          model.release(action.owner, action.index, action.attempt);
          break;
        case 'start':
          expect(
            await queue.start(action.owner, [
              { activationId: idOf(action.index), attempt: action.attempt, timeLimitMs: 1 },
            ]),
          ).toEqual([model.start(action.owner, action.index, action.attempt)]);
          break;
        case 'retry':
          expect(await queue.retry(action.owner, idOf(action.index), action.attempt)).toBe(
            model.retry(action.owner, action.index, action.attempt),
          );
          break;
        case 'settle': {
          const record = String((settled += 1));
          await activations.insert([
            recordOf(action.index, { record, settles: { owner: action.owner, attempt: action.attempt } }),
          ]);
          model.settle(action.owner, action.index, action.attempt, record);
          break;
        }
        case 'wait':
          clock.advance(action.ms);
          model.now += action.ms;
          break;
      }
      expect(await queue.counts()).toEqual(model.counts());
    }
    for (let index = 0; index < enqueued; index += 1) {
      expect(await activations.get('guest', idOf(index))).toBe(model.records.get(index));
    }
  };

  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), run), { numRuns });
  await database.destroy();
}
