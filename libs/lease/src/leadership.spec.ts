import fc from 'fast-check';
import { Leadership, type LeadershipInput } from './leadership';

const settings = { leaseMs: 3_000, renewMs: 1_000, tryMs: 100 };
const kinds = (effects: { kind: string }[]): string[] => effects.map(({ kind }) => kind);

describe('leadership', () => {
  it('asks for the lock until it gets it, one question at a time', () => {
    const leadership = new Leadership(settings);
    expect(kinds(leadership.handle({ kind: 'tick' }, 0))).toEqual(['acquire']);
    expect(leadership.handle({ kind: 'tick' }, 500)).toEqual([]);
    leadership.handle({ kind: 'not-acquired' }, 500);
    expect(kinds(leadership.handle({ kind: 'tick' }, 501))).toEqual(['acquire']);
    expect(leadership.handle({ kind: 'acquired', askedMs: 501, epoch: 4n }, 520)).toEqual([
      { kind: 'lead', epoch: 4n },
    ]);
  });

  it('asks earlier when the lock may be free earlier, and no later', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'not-acquired', againInMs: 30 }, 5);
    expect(leadership.handle({ kind: 'tick' }, 34)).toEqual([]);
    expect(kinds(leadership.handle({ kind: 'tick' }, 35))).toEqual(['acquire']);
    leadership.handle({ kind: 'not-acquired', againInMs: 500 }, 40);
    expect(kinds(leadership.handle({ kind: 'tick' }, 135))).toEqual(['acquire']);
  });

  it('counts the lease from before the question was sent', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 900);
    expect(leadership.holds(2_999)).toBe(true);
    expect(leadership.holds(3_000)).toBe(false);
  });

  it('does not lead with a lease that has lapsed before the answer came', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    expect(leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 3_000)).toEqual([{ kind: 'release' }]);
    expect(leadership.holds(3_000)).toBe(false);
    expect(kinds(leadership.handle({ kind: 'tick' }, 3_001))).toEqual(['acquire']);
  });

  it('renews every second and ends when no renewal came through for a lease', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(leadership.handle({ kind: 'tick' }, 999)).toEqual([]);
    expect(kinds(leadership.handle({ kind: 'tick' }, 1_000))).toEqual(['renew']);
    leadership.handle({ kind: 'renewed', askedMs: 1_000 }, 1_010);
    expect(leadership.holds(3_999)).toBe(true);
    expect(kinds(leadership.handle({ kind: 'tick' }, 2_000))).toEqual(['renew']);
    leadership.handle({ kind: 'unknown' }, 2_500);
    expect(kinds(leadership.handle({ kind: 'tick' }, 4_000))).toEqual(['end', 'acquire']);
  });

  it('a leader that was stopped for longer than its lease finds out before it does anything', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(leadership.holds(60_000)).toBe(false);
    expect(kinds(leadership.handle({ kind: 'renewed', askedMs: 100 }, 60_000))).toEqual(['end']);
  });

  it('ends at once when another holds the lock', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(kinds(leadership.handle({ kind: 'lost' }, 2))).toEqual(['end']);
    expect(leadership.epoch).toBeUndefined();
  });

  it('raises its epoch above the highest that it heard, once', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 3n }, 1);
    expect(leadership.handle({ kind: 'heard', epoch: 3n }, 2)).toEqual([]);
    expect(leadership.handle({ kind: 'heard', epoch: 7n }, 2)).toEqual([{ kind: 'lift', above: 7n }]);
    expect(leadership.handle({ kind: 'heard', epoch: 9n }, 3)).toEqual([]);
    expect(leadership.handle({ kind: 'lifted', epoch: 8n }, 4)).toEqual([
      { kind: 'raise', epoch: 8n },
      { kind: 'lift', above: 9n },
    ]);
    expect(leadership.handle({ kind: 'lifted', epoch: 10n }, 5)).toEqual([{ kind: 'raise', epoch: 10n }]);
    expect(leadership.epoch).toBe(10n);
  });

  it('asks for an epoch above all that it ever heard of, also while it did not lead', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'heard', epoch: 41n }, 0);
    expect(leadership.handle({ kind: 'tick' }, 0)).toEqual([{ kind: 'acquire', above: 41n }]);
    leadership.handle({ kind: 'heard', epoch: 50n }, 1);
    expect(leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 42n }, 2)).toEqual([
      { kind: 'lead', epoch: 42n },
      { kind: 'lift', above: 50n },
    ]);
    expect(leadership.handle({ kind: 'lost' }, 3)).toHaveLength(1);
    expect(leadership.handle({ kind: 'tick' }, 4)).toEqual([{ kind: 'acquire', above: 50n }]);
  });

  it('does not believe in an epoch that no leader can have had', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'heard', epoch: 2n ** 63n }, 0);
    expect(leadership.handle({ kind: 'tick' }, 0)).toEqual([{ kind: 'acquire', above: 0n }]);
  });

  it('steps down when asked, and leaves the others one lease of time', () => {
    const leadership = new Leadership(settings);
    expect(leadership.handle({ kind: 'step-down' }, 0)).toEqual([]);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(kinds(leadership.handle({ kind: 'step-down' }, 2))).toEqual(['end']);
    expect(leadership.handle({ kind: 'tick' }, 3_001)).toEqual([]);
    expect(kinds(leadership.handle({ kind: 'tick' }, 3_002))).toEqual(['acquire']);
  });

  it('tries again to lift when that did not work, and ends when the lock is lost', () => {
    const leadership = new Leadership(settings);
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(kinds(leadership.handle({ kind: 'heard', epoch: 5n }, 2))).toEqual(['lift']);
    leadership.handle({ kind: 'not-lifted', isLost: false }, 3);
    expect(kinds(leadership.handle({ kind: 'heard', epoch: 5n }, 4))).toEqual(['lift']);
    expect(kinds(leadership.handle({ kind: 'not-lifted', isLost: true }, 5))).toEqual(['end']);
  });

  it('never expires and never renews where nothing can expire', () => {
    const leadership = new Leadership({ ...settings, leaseMs: Infinity });
    leadership.handle({ kind: 'tick' }, 0);
    leadership.handle({ kind: 'acquired', askedMs: 0, epoch: 1n }, 1);
    expect(leadership.handle({ kind: 'tick' }, 1e12)).toEqual([]);
    expect(leadership.holds(1e12)).toBe(true);
  });

  it('refuses a lease that survives no lost renewal', () => {
    expect(() => new Leadership({ ...settings, renewMs: 1_600 })).toThrow(/renew twice as often/);
  });

  it('acts only under a lease that it asked for, and ends each reign once, whatever comes in which order', () => {
    const input = fc.oneof(
      fc.constantFrom<LeadershipInput>(
        { kind: 'tick' },
        { kind: 'not-acquired' },
        { kind: 'unknown' },
        { kind: 'lost' },
        { kind: 'step-down' },
        { kind: 'not-lifted', isLost: false },
        { kind: 'not-lifted', isLost: true },
      ),
      fc.record({ kind: fc.constant('heard' as const), epoch: fc.bigInt(0n, 9n) }),
      fc.record({ kind: fc.constant('lifted' as const), epoch: fc.bigInt(0n, 9n) }),
      fc.record({ kind: fc.constant('renewed' as const), agoMs: fc.nat(4_000) }),
      fc.record({ kind: fc.constant('acquired' as const), agoMs: fc.nat(4_000), epoch: fc.bigInt(1n, 9n) }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(1_500))), (steps) => {
        const leadership = new Leadership(settings);
        let now = 10_000;
        let heldUntil = -Infinity;
        let reign = false;
        let epoch = 0n;
        for (const [step, waitMs] of steps) {
          now += waitMs;
          const given: LeadershipInput = 'agoMs' in step ? { ...step, askedMs: now - step.agoMs } : step;
          for (const effect of leadership.handle(given, now)) {
            if (effect.kind === 'lead') {
              expect(reign).toBe(false);
              reign = true;
              epoch = effect.epoch;
              heldUntil = -Infinity;
            }
            if (effect.kind === 'raise') {
              expect(effect.epoch).toBeGreaterThan(epoch);
              epoch = effect.epoch;
            }
            if (effect.kind === 'end') {
              expect(reign).toBe(true);
              reign = false;
            }
          }
          if ('askedMs' in given && reign) heldUntil = Math.max(heldUntil, given.askedMs + settings.leaseMs);
          if (leadership.holds(now)) expect(reign && now < heldUntil).toBe(true);
        }
      }),
    );
  });
});
