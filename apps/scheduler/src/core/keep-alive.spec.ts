// For how long idle containers are kept, by policy.
import { defaultLimits } from '#limits';
import { IdleTimes, IdleTimesByKey } from './idle-times';
import { fixedTime, hybridHistogram, whileRoom } from './keep-alive';

const minuteMs = 60_000;
const bounds = { ...defaultLimits, idleTimesBinMs: minuteMs, idleTimesBinCount: 240, idleTimesKeyCount: 2 };

function timesOf(...minutes: number[]): IdleTimes {
  const times = new IdleTimes(bounds);
  for (const each of minutes) times.add(each * minuteMs);
  return times;
}

describe('keep-alive', () => {
  it('fixed: the same for everybody', () => {
    expect(fixedTime(600_000, timesOf(1, 1, 1, 1, 1, 1))).toBe(600_000);
  });

  it('while-room: for ever', () => {
    expect(whileRoom(600_000, undefined)).toBe(Infinity);
  });

  it('hybrid-histogram: until nearly all of its times between two uses would have ended', () => {
    expect(hybridHistogram(600_000, timesOf(1, 1, 1, 1, 1, 2))).toBeCloseTo(3.3 * minuteMs);
    expect(hybridHistogram(600_000, timesOf(30, 30, 30, 30, 30, 30))).toBeCloseTo(34.1 * minuteMs);
  });

  it('hybrid-histogram: the fixed time for an action of which too little is known, or whose times are mostly longer than the histogram', () => {
    expect(hybridHistogram(600_000, undefined)).toBe(600_000);
    expect(hybridHistogram(600_000, timesOf(1, 1))).toBe(600_000);
    expect(hybridHistogram(600_000, timesOf(1, 1, 300, 300, 300, 300))).toBe(600_000);
  });
});

describe('idle times by key', () => {
  it('are those between the end of all uses and the next one', () => {
    const keys = new IdleTimesByKey(bounds);
    keys.used('a', 0);
    keys.used('a', 10);
    keys.rests('a', 20);
    keys.used('a', 5 * minuteMs);
    expect(keys.of('a')!.count).toBe(0);
    keys.rests('a', 6 * minuteMs);
    keys.rests('a', 7 * minuteMs);
    keys.used('a', 9 * minuteMs + 1);
    expect(keys.of('a')!.quantileMs(1)).toBe(3 * minuteMs);
  });

  it('are forgotten of the key that was not used for the longest time', () => {
    const keys = new IdleTimesByKey(bounds);
    for (const key of ['a', 'b', 'a', 'c']) keys.used(key, 0);
    expect([keys.of('a'), keys.of('b')].map(Boolean)).toEqual([true, false]);
  });
});
