// When alarms are due. Times are given; nothing waits.
import { afterFire, type AlarmPlan, BadAlarm, dueAfter, endOf, readAlarmPlan } from './alarm-plan';

const at = (text: string): number => Date.parse(text);
const now = at('2026-03-28T12:00:00Z');

function dues(plan: AlarmPlan, count: number): string[] {
  const found: string[] = [];
  let left = plan;
  for (let due = dueAfter(left, now); due !== undefined && found.length < count; due = dueAfter(left, due)) {
    found.push(new Date(due).toISOString());
    left = afterFire(left);
  }
  return found;
}

describe('an alarm', () => {
  it('by cron with five fields, and with seconds', () => {
    expect(dues(readAlarmPlan('alarm', { cron: '*/20 * * * *' }, now), 2)).toEqual([
      '2026-03-28T12:20:00.000Z',
      '2026-03-28T12:40:00.000Z',
    ]);
    expect(dues(readAlarmPlan('alarm', { cron: '*/30 * * * * *' }, now), 2)).toEqual([
      '2026-03-28T12:00:30.000Z',
      '2026-03-28T12:01:00.000Z',
    ]);
  });

  it('goes by its time zone, over the change to summer time too', () => {
    const plan = readAlarmPlan('alarm', { cron: '30 8 * * *', timezone: 'Europe/Berlin' }, now);
    expect(dues(plan, 2)).toEqual(['2026-03-29T06:30:00.000Z', '2026-03-30T06:30:00.000Z']);
  });

  it('keeps to its start, its end and its number of fires', () => {
    const parameters = { cron: '0 * * * *', startDate: '2026-03-28T15:00:00Z', stopDate: '2026-03-28T17:30:00Z' };
    expect(dues(readAlarmPlan('alarm', parameters, now), 9)).toEqual([
      '2026-03-28T15:00:00.000Z',
      '2026-03-28T16:00:00.000Z',
      '2026-03-28T17:00:00.000Z',
    ]);
    expect(dues(readAlarmPlan('alarm', { ...parameters, maxTriggers: 2 }, now), 9)).toHaveLength(2);
    expect(dues(readAlarmPlan('interval', { minutes: 7, maxTriggers: '1' }, now), 9)).toEqual([
      '2026-03-28T12:07:00.000Z',
    ]);
  });

  it('once, at its date', () => {
    expect(dues(readAlarmPlan('once', { date: '2026-03-28T12:00:01Z' }, now), 9)).toEqual(['2026-03-28T12:00:01.000Z']);
    expect(dues(readAlarmPlan('once', { date: now + 5 }, now), 9)).toHaveLength(1);
  });

  it.each<[unknown, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['false', undefined],
    [false, undefined],
    [true, 'true'],
    [' Rules ', 'rules'],
  ])('once, and then its trigger ends as it says: %j', (deleteAfterFire, end) => {
    const plan = readAlarmPlan('once', { date: now + 5, deleteAfterFire }, now);
    expect([endOf(plan), dueAfter(plan, now)]).toEqual([undefined, now + 5]);
    const fired = afterFire(plan);
    // It is due until somebody has done it.
    expect([endOf(fired), dueAfter(fired, now + 9)]).toEqual([end, end === undefined ? undefined : now + 9]);
  });

  it('by interval, from its start, however long nobody looked', () => {
    const plan = readAlarmPlan('interval', { minutes: 10, startDate: '2026-03-28T12:03:00Z' }, now);
    expect(dues(plan, 2)).toEqual(['2026-03-28T12:03:00.000Z', '2026-03-28T12:13:00.000Z']);
    expect(dueAfter(plan, at('2026-03-28T14:00:00Z'))).toBe(at('2026-03-28T14:03:00Z'));
  });

  it('is never due while it is paused', () => {
    expect(dueAfter({ ...readAlarmPlan('interval', { minutes: 1 }, now), isPaused: true }, now)).toBeUndefined();
  });

  it.each([
    [{}, {}],
    [{ a: 1 }, { a: 1 }],
    ['{"a":1}', { a: 1 }],
    ['text', { payload: 'text' }],
    [[1], { payload: [1] }],
  ])('carries a payload: %j', (given, payload) => {
    expect(readAlarmPlan('interval', { minutes: 1, trigger_payload: given }, now).payload).toEqual(payload);
  });

  it.each<[string, Record<string, unknown>]>([
    ['alarm', {}],
    ['alarm', { cron: 'x y' }],
    ['alarm', { cron: '0 0 30 2 *' }],
    ['alarm', { cron: '* * * * *', timezone: 'No/Where' }],
    ['alarm', { cron: '* * * * *', stopDate: '2020-01-01' }],
    ['alarm', { cron: '* * * * *', maxTriggers: 0 }],
    ['alarm', { cron: '* * * * *', startDate: 'tomorrow' }],
    ['once', {}],
    ['once', { date: '2020-01-01' }],
    ['once', { date: '2030-01-01', deleteAfterFire: 'all' }],
    ['interval', {}],
    ['interval', { minutes: 1.5 }],
    ['yearly', { minutes: 1 }],
  ])('refuses %s %j with a sentence', (feed, parameters) => {
    expect(() => readAlarmPlan(feed, parameters, now)).toThrow(BadAlarm);
  });
});
