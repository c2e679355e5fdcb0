import fc from 'fast-check';
import { heldBlock, HeldPermits } from './held-permits';

describe('permits of invocations in flight, alone', () => {
  it('allow as many at once as the limit, and one more when one is over', () => {
    const permits = new HeldPermits();
    expect([permits.request(1, 1), permits.request(1, 1), permits.counted]).toEqual(['yes', 'no', 1]);
    permits.release();
    expect(permits.request(1, 1)).toBe('yes');
    permits.release();
    expect(() => permits.release()).toThrow('released more than was taken');
  });

  it('count what was admitted elsewhere, whatever the limit', () => {
    const permits = new HeldPermits();
    permits.force();
    permits.force();
    expect([permits.request(1, 1), permits.counted]).toEqual(['no', 2]);
  });
});

describe('permits of several controllers', () => {
  it('hold nothing ahead where the limit is small, and give back what is over', () => {
    const permits = new HeldPermits();
    expect([permits.request(1, undefined), permits.wanted(1, 1)]).toEqual(['ask', 1]);
    permits.borrowed({ held: 1, elsewhere: 0 });
    expect(permits.request(1, undefined)).toBe('yes');
    expect([permits.wanted(1, 0), permits.surplus(1, false)]).toEqual([undefined, undefined]);
    permits.release();
    expect(permits.surplus(1, false)).toBe(0);
  });

  it('are in flight together no more than the limit, and none is held for ever', () => {
    const event = fc.record({ who: fc.nat({ max: 2 }), act: fc.constantFrom('request', 'release', 'answer', 'tick') });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(event, { maxLength: 400 }), (limit, events) => {
        const all = [new HeldPermits(), new HeldPermits(), new HeldPermits()];
        const told = [0, 0, 0];
        const answers: ((() => void) | undefined)[] = [undefined, undefined, undefined];
        const hold = (who: number, wanted: number): void => {
          const elsewhere = told.reduce((sum, held, at) => (at === who ? sum : sum + held), 0);
          const held = Math.max(all[who]!.inFlight, Math.min(wanted, limit - elsewhere));
          told[who] = held;
          answers[who] = () => all[who]!.borrowed({ held, elsewhere });
        };
        for (const { who, act } of events) {
          const permits = all[who]!;
          if (act === 'request') {
            const verdict = permits.request(limit, undefined);
            const wanted = permits.wanted(limit, verdict === 'ask' ? 1 : 0);
            if (wanted !== undefined && !answers[who]) hold(who, wanted);
          } else if (act === 'release' && permits.inFlight > 0) permits.release();
          else if (act === 'answer') {
            answers[who]?.();
            answers[who] = undefined;
          } else if (act === 'tick' && !answers[who]) {
            const surplus = permits.surplus(limit, false);
            if (surplus !== undefined) {
              permits.giveUp(surplus);
              hold(who, surplus);
            }
          }
          expect(all.reduce((sum, one) => sum + one.inFlight, 0)).toBeLessThanOrEqual(limit);
        }
        // Everything becomes quiet: at most a block stays at each.
        for (const [who, permits] of all.entries()) {
          answers[who]?.();
          while (permits.inFlight > 0) permits.release();
          const surplus = permits.surplus(limit, false);
          expect(surplus ?? permits.holds).toBeLessThanOrEqual(heldBlock(limit));
          expect(permits.surplus(limit, true) ?? permits.holds).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
