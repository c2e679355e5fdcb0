import { ManualClock } from '#clock';
import { AbsentNames } from './absent-names';
import { InProcessInvalidation } from './cache-invalidation';

describe('absent names', () => {
  const make = (absentNamesCount = 10) => {
    const [clock, invalidation] = [new ManualClock(), new InProcessInvalidation()];
    return {
      clock,
      invalidation,
      absent: new AbsentNames({ absentNamesCount, absentNameMs: 2_000 }, clock, invalidation),
    };
  };

  it('are known for a short time', () => {
    const { clock, absent } = make();
    absent.look()('guest/missing');
    expect([absent.has('guest/missing'), absent.has('guest/other')]).toEqual([true, false]);
    clock.advance(2_000);
    expect(absent.has('guest/missing')).toBe(false);
  });

  it('are forgotten with any write, also those that were looked for meanwhile', async () => {
    const { absent, invalidation } = make();
    absent.look()('guest/missing');
    const found = absent.look();
    await invalidation.tell({ kind: 'action', name: 'guest/other' });
    found('guest/late');
    expect([absent.has('guest/missing'), absent.has('guest/late')]).toEqual([false, false]);
  });

  it('are no more than so many', () => {
    const { absent } = make(3);
    for (let at = 0; at < 10; at += 1) absent.look()(`guest/${at}`);
    expect(Array.from({ length: 10 }, (_, at) => absent.has(`guest/${at}`)).filter(Boolean)).toHaveLength(3);
  });
});
