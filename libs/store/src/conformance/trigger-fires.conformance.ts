// What every store of trigger fires and alarms does. Run by each database's spec.
import type { AlarmRow } from '../trigger-fires';
import { epochMs, idOf, invocationOf, recordOf } from './records';
import { eachTestWith, type MakeUnderTest } from './under-test';

const alarmOf = (more: Partial<AlarmRow> = {}): AlarmRow => ({
  id: 'alarm-1',
  namespace: 'guest',
  trigger: 'tick',
  dueAt: epochMs,
  alarm: '{"kind":"interval"}',
  ...more,
});
const fireOf = (index: number, invocations = 1) => ({
  record: recordOf(index, { name: 'tick', end: undefined }),
  invocations: Array.from({ length: invocations }, (_, at) => invocationOf(index * 100 + at + 50)),
});

export function describeTriggerFires(make: MakeUnderTest): void {
  describe('trigger fires', () => {
    const test = eachTestWith(make);

    it('are stored with record and invocations, or refused whole', async () => {
      const { fires, queue, activations } = test.current.stores;
      const noRecord = { ...fireOf(4), record: undefined };
      expect(await fires.store([fireOf(1, 2), fireOf(2, 3), fireOf(3, 1), noRecord], 4)).toEqual([
        true,
        false,
        true,
        true,
      ]);
      expect(await queue.counts()).toMatchObject({ queued: 4 });
      expect(await activations.count({ namespace: 'guest', skip: 0 })).toBe(2);
      expect(await activations.get('guest', idOf(2))).toBeUndefined();
      expect(await fires.store([fireOf(5)], 4)).toEqual([false]);
    });
  });

  describe('alarms', () => {
    const test = eachTestWith(make);
    const alarms = () => test.current.stores.alarms;

    it('are one for each trigger, the newest', async () => {
      await alarms().put(alarmOf());
      await alarms().put(alarmOf({ trigger: 'tock', id: 'other' }));
      await alarms().put(alarmOf({ id: 'alarm-2', dueAt: undefined }));
      expect(await alarms().get('guest', 'tick')).toEqual(alarmOf({ id: 'alarm-2', dueAt: undefined }));
      expect(await alarms().count('guest')).toBe(2);
      expect(await alarms().remove('guest', 'tick')).toBe(true);
      expect(await alarms().remove('guest', 'tick')).toBe(false);
      expect(await alarms().get('guest', 'tick')).toBeUndefined();
      expect(await alarms().count('nobody')).toBe(0);
    });

    it('are given by due time, those that are over not at all', async () => {
      for (const [trigger, dueAt] of [
        ['c', 30],
        ['a', 10],
        ['b', 20],
        ['never', undefined],
      ] as const) {
        await alarms().put(alarmOf({ id: trigger, trigger, dueAt }));
      }
      expect((await alarms().due(25, 10)).map(({ id }) => id)).toEqual(['a', 'b']);
      expect((await alarms().due(99, 2)).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await alarms().nextDueAt()).toBe(10);
      for (const trigger of ['a', 'b', 'c']) await alarms().remove('guest', trigger);
      expect(await alarms().nextDueAt()).toBeUndefined();
    });

    it('of one trigger may be made at once: one of them is there afterwards', async () => {
      const other = (await test.current.another()).alarms;
      const rows = Array.from({ length: 20 }, (_, at) => alarmOf({ id: `made-${at}`, alarm: `{"at":${at}}` }));
      await Promise.all(rows.map((row, at) => (at % 2 === 0 ? alarms() : other).put(row)));
      expect(rows).toContainEqual(await alarms().get('guest', 'tick'));
      expect(await alarms().count('guest')).toBe(1);
    });

    it('fire each due time once, whoever tries', async () => {
      const other = (await test.current.another()).alarms;
      await alarms().put(alarmOf());
      for (let round = 0; round < 10; round += 1) {
        const due = alarmOf({ dueAt: epochMs + round });
        const next = alarmOf({ dueAt: epochMs + round + 1 });
        const tries = [alarms(), other, alarms(), other].map((by, at) =>
          by.fire(due, next, fireOf(round * 4 + at), 100),
        );
        expect((await Promise.all(tries)).sort()).toEqual(['fired', 'over', 'over', 'over']);
      }
      expect(await test.current.stores.queue.counts()).toMatchObject({ queued: 10 });
      expect(await test.current.stores.activations.count({ namespace: 'guest', skip: 0 })).toBe(10);
      expect(await alarms().get('guest', 'tick')).toEqual(alarmOf({ dueAt: epochMs + 10 }));
    });

    it('do not fire what was replaced or removed meanwhile', async () => {
      await alarms().put(alarmOf());
      await alarms().put(alarmOf({ id: 'alarm-2' }));
      expect(await alarms().fire(alarmOf(), alarmOf({ dueAt: undefined }), fireOf(1), 100)).toBe('over');
      await alarms().remove('guest', 'tick');
      expect(await alarms().fire(alarmOf({ id: 'alarm-2' }), alarmOf(), fireOf(1), 100)).toBe('over');
      expect(await test.current.stores.queue.counts()).toMatchObject({ queued: 0 });
    });

    it('stay due while the queue is full, and may pass without a fire', async () => {
      await alarms().put(alarmOf());
      const next = alarmOf({ dueAt: epochMs + 1 });
      expect(await alarms().fire(alarmOf(), next, fireOf(1), 0)).toBe('full');
      expect(await alarms().get('guest', 'tick')).toEqual(alarmOf());
      expect(await alarms().fire(alarmOf(), next, undefined, 0)).toBe('fired');
      expect(await alarms().fire(next, alarmOf({ dueAt: undefined }), fireOf(1), 10)).toBe('fired');
      expect(await alarms().due(epochMs * 2, 10)).toEqual([]);
    });
  });
}
