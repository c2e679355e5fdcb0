// What every activation store does. Run by each database's spec.
import type { ActivationQuery } from '../activation-store';
import { epochMs, idOf, invocationOf, recordOf } from './records';
import { eachTestWith, type MakeUnderTest } from './under-test';

export function describeActivationStore(make: MakeUnderTest): void {
  describe('activation store', () => {
    const test = eachTestWith(make);
    const activations = () => test.current.stores.activations;
    const list = async (query: Partial<ActivationQuery> = {}): Promise<number[]> => {
      const whole = { namespace: 'guest', skip: 0, limit: 200, ...query };
      const found = (await activations().list(whole)).map((text) => (JSON.parse(text) as { index: number }).index);
      const records = (await activations().listRecords(whole)).map(
        (text) => (JSON.parse(text) as { index: number }).index,
      );
      expect(records).toEqual(found);
      const { limit: _, ...uncut } = whole;
      if (query.limit === undefined) expect(await activations().count(uncut)).toBe(found.length);
      return found;
    };

    it('gives back exactly the texts that were inserted', async () => {
      const record = JSON.stringify({ text: 'grüße 👋 \u0000 \ud800 \u2028', big: 'x'.repeat(1_048_576) });
      await activations().insert([recordOf(1, { record, end: undefined, packageName: 'pkg', statusCode: 3 })]);
      expect(await activations().get('guest', idOf(1))).toBe(record);
      expect(await activations().get('guest', idOf(2))).toBeUndefined();
      expect(await activations().get('other', idOf(1))).toBeUndefined();
      expect(await activations().list({ namespace: 'guest', skip: 0, limit: 1 })).toEqual([recordOf(1).summary]);
    });

    it('refuses a record that is damaged, and only that one', async () => {
      const damaged = { record: '{"activationId":', summary: '{"index":' };
      await activations().insert([recordOf(1), recordOf(2, damaged), recordOf(3)]);
      await expect(activations().get('guest', idOf(2))).rejects.toMatchObject({ code: 'corrupt' });
      expect(await list({ limit: 200 })).toEqual([3, 1]);
      expect(await activations().get('guest', idOf(3))).toBe(recordOf(3).record);
    });

    it('keeps the first of two records, in one batch and over batches', async () => {
      await activations().insert([]);
      await activations().insert([
        recordOf(1, { record: '"first"' }),
        recordOf(1, { record: '"second"' }),
        recordOf(2),
      ]);
      await activations().insert([recordOf(1, { record: '"third"' }), recordOf(3)]);
      expect(await activations().get('guest', idOf(1))).toBe('"first"');
      await activations().insert([recordOf(1, { namespace: 'other', record: '"elsewhere"' })]);
      expect(await activations().get('guest', idOf(1))).toBe('"first"');
      expect(await activations().get('other', idOf(1))).toBe('"elsewhere"');
      expect(await activations().count({ namespace: 'guest', skip: 0 })).toBe(3);
    });

    it('stores a large batch whole, and takes its replay without a change', async () => {
      const batch = Array.from({ length: 1_234 }, (_, index) => recordOf(index));
      await activations().insert(batch);
      await activations().insert(batch);
      expect(await activations().count({ namespace: 'guest', skip: 0 })).toBe(1_234);
      expect(await list({ limit: 3 })).toEqual([1_233, 1_232, 1_231]);
      expect(await list({ skip: 1_230, limit: 200 })).toEqual([3, 2, 1, 0]);
    });

    it('lets two connections insert the same records at once', async () => {
      const other = await test.current.another();
      const batch = Array.from({ length: 500 }, (_, index) => recordOf(index));
      await Promise.all([
        activations().insert(batch),
        other.activations.insert([...batch].reverse().map((row) => ({ ...row, record: '"other"' }))),
      ]);
      expect(await other.activations.count({ namespace: 'guest', skip: 0 })).toBe(500);
    });

    it('lists newest start first, and what started together by id', async () => {
      await activations().insert([recordOf(5), recordOf(9), recordOf(7)]);
      await activations().insert([recordOf(1, { start: epochMs + 7 }), recordOf(8, { start: epochMs + 7 })]);
      expect(await list()).toEqual([9, 8, 7, 1, 5]);
    });

    it('filters by name and package', async () => {
      await activations().insert([
        recordOf(1, { name: 'a' }),
        recordOf(2, { name: 'a', packageName: 'pkg' }),
        recordOf(3, { name: 'b', packageName: 'pkg' }),
        recordOf(4, { name: 'a', namespace: 'other' }),
        recordOf(5, { name: 'ä👋' }),
      ]);
      expect(await list()).toEqual([5, 3, 2, 1]);
      expect(await list({ name: 'a' })).toEqual([2, 1]);
      expect(await list({ name: 'a', packageName: null })).toEqual([1]);
      expect(await list({ name: 'a', packageName: 'pkg' })).toEqual([2]);
      expect(await list({ packageName: 'pkg' })).toEqual([3, 2]);
      expect(await list({ packageName: null })).toEqual([5, 1]);
      expect(await list({ name: 'ä👋' })).toEqual([5]);
      expect(await list({ name: 'A' })).toEqual([]);
      expect(await list({ namespace: 'other' })).toEqual([4]);
      expect(await list({ namespace: 'nobody' })).toEqual([]);
    });

    it('filters by start, both bounds inclusive', async () => {
      await activations().insert([1, 2, 3, 4, 5].map((index) => recordOf(index)));
      expect(await list({ since: epochMs + 2, upto: epochMs + 4 })).toEqual([4, 3, 2]);
      expect(await list({ since: epochMs + 5 })).toEqual([5]);
      expect(await list({ upto: epochMs + 1 })).toEqual([1]);
      expect(await list({ since: epochMs + 3, upto: epochMs + 2 })).toEqual([]);
      expect(await list({ since: -1, name: 'hello', upto: epochMs + 2 })).toEqual([2, 1]);
    });

    it('skips and limits, and counts what skip leaves', async () => {
      await activations().insert([1, 2, 3, 4, 5].map((index) => recordOf(index)));
      expect(await list({ skip: 1, limit: 2 })).toEqual([4, 3]);
      expect(await list({ skip: 4 })).toEqual([1]);
      expect(await list({ skip: 9 })).toEqual([]);
      expect(await list({ limit: 0 })).toEqual([]);
    });

    describe('settling queue rows', () => {
      const queue = () => test.current.stores.queue;
      const startOne = async (owner: string): Promise<number> => {
        const [claimed] = await queue().claim(owner, 1, 60_000);
        const { activationId, attempt } = claimed!;
        expect(await queue().start(owner, [{ activationId, attempt, timeLimitMs: 60_000 }])).toEqual([true]);
        return attempt;
      };
      const unsettled = { queued: 0, claimed: 0, started: 0 };

      it('stores the record and settles the row together', async () => {
        await queue().enqueue([invocationOf(1)], 10);
        const attempt = await startOne('me');
        await activations().insert([recordOf(1, { settles: { owner: 'me', attempt } }), recordOf(2)]);
        expect(await queue().counts()).toEqual(unsettled);
        expect(await list()).toEqual([2, 1]);
      });

      it('settles the row of an activation that is not kept, and keeps nothing else of it', async () => {
        await queue().enqueue([invocationOf(1)], 10);
        const [{ attempt } = { attempt: 0 }] = await queue().claim('me', 1, 60_000);
        const unkept = { isUnkept: true, summary: '', record: '' } as const;
        await activations().insert([
          recordOf(1, { ...unkept, settles: { owner: 'me', attempt } }),
          recordOf(2, unkept),
          recordOf(3),
        ]);
        expect(await queue().counts()).toEqual(unsettled);
        expect(await list()).toEqual([3]);
        expect(await activations().get('guest', idOf(1))).toBeUndefined();
      });

      it('settles a claimed row as well: it will not be run', async () => {
        await queue().enqueue([invocationOf(1)], 10);
        const [{ attempt } = { attempt: 0 }] = await queue().claim('me', 1, 60_000);
        await activations().insert([recordOf(1, { settles: { owner: 'me', attempt } })]);
        expect(await queue().counts()).toEqual(unsettled);
        expect(await list()).toEqual([1]);
      });

      it('stores nothing for another owner, another attempt, or a row that is queued', async () => {
        await queue().enqueue([invocationOf(1), invocationOf(2)], 10);
        const attempt = await startOne('me');
        await activations().insert([
          recordOf(1, { settles: { owner: 'you', attempt } }),
          recordOf(1, { settles: { owner: 'me', attempt: attempt + 1 } }),
          recordOf(2, { settles: { owner: 'me', attempt: 0 } }),
          recordOf(3, { settles: { owner: 'me', attempt: 1 } }),
          recordOf(4),
        ]);
        expect(await list()).toEqual([4]);
        expect(await queue().counts()).toEqual({ queued: 1, claimed: 0, started: 1 });
      });

      it('lets the first record win: a replay and a late one of an older attempt change nothing', async () => {
        await queue().enqueue([invocationOf(1)], 10);
        const first = await startOne('me');
        expect(await queue().retry('me', idOf(1), first)).toBe(true);
        const second = await startOne('me');
        const late = recordOf(1, { record: '"late"', settles: { owner: 'me', attempt: first } });
        const right = recordOf(1, { record: '"right"', settles: { owner: 'me', attempt: second } });
        await activations().insert([late]);
        expect(await activations().get('guest', idOf(1))).toBeUndefined();
        await activations().insert([right]);
        await activations().insert([
          right,
          late,
          recordOf(1, { record: '"sweeper"', settles: { owner: 'me', attempt: second } }),
        ]);
        expect(await activations().get('guest', idOf(1))).toBe('"right"');
        expect(await queue().counts()).toEqual(unsettled);
      });

      it('lets exactly one of two connections settle', async () => {
        const other = await test.current.another();
        const settles = { owner: 'me', attempt: 1 };
        for (let index = 0; index < 20; index += 1) {
          await queue().enqueue([invocationOf(index)], 10);
          await startOne('me');
          await Promise.all([
            activations().insert([recordOf(index, { record: '"one"', settles })]),
            other.activations.insert([recordOf(index, { record: '"two"', settles })]),
          ]);
          const kept = await activations().get('guest', idOf(index));
          expect(['"one"', '"two"']).toContain(kept);
          expect(await other.activations.get('guest', idOf(index))).toBe(kept);
        }
        expect(await queue().counts()).toEqual(unsettled);
      });
    });
  });
}
