import { defaultLimits } from '#limits';
import { BackOff } from './back-off';

describe('back-off', () => {
  it('doubles from 1 s to 30 s while an app keeps dying', () => {
    const backOff = new BackOff(defaultLimits);
    expect(Array.from({ length: 7 }, () => backOff.afterLife(10))).toEqual([1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3]);
  });

  it('starts anew after a stable minute, and not a moment earlier', () => {
    const backOff = new BackOff(defaultLimits);
    backOff.afterLife(0);
    expect(backOff.afterLife(59_999)).toBe(2_000);
    expect(backOff.afterLife(60_000)).toBe(1_000);
    expect(backOff.afterLife(0)).toBe(2_000);
  });
});
