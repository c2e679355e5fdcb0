import fc from 'fast-check';
import { rateBlock, RateWindow } from './rate-window';

const alone = (limit: number): number => limit;

describe('the window of a minute, alone', () => {
  it('allows as many as the limit and counts also what it refuses', () => {
    const window = new RateWindow();
    const ask = (): string => window.request(7, 6, alone(6));
    expect([ask(), ask(), ask(), ask(), ask(), ask()]).toEqual(Array(6).fill('yes'));
    expect([ask(), window.counted, ask(), window.counted]).toEqual(['no', 7, 'no', 8]);
    expect(window.request(8, 6, alone(6))).toBe('yes');
    expect(window.counted).toBe(1);
  });

  it('refuses everything with a limit of 0', () => {
    const window = new RateWindow();
    expect([window.request(1, 0, 0), window.counted]).toEqual(['no', 1]);
  });

  it('follows a limit that is changed within the minute', () => {
    const window = new RateWindow();
    expect([window.request(1, 1, 1), window.request(1, 1, 1), window.request(1, 3, 3)]).toEqual(['yes', 'no', 'yes']);
  });
});

describe('windows of several controllers', () => {
  it('ask before they refuse, and refuse once the lender has no more', () => {
    const window = new RateWindow();
    expect(window.request(1, 6, undefined)).toBe('ask');
    const wanted = window.wanted(1, 6, 1);
    expect(wanted).toBe(2);
    window.borrowed({ minute: 1, granted: 1, lent: 6 }, wanted, 6);
    expect(window.again(1, 6, undefined)).toBe('yes');
    expect(window.request(1, 6, undefined)).toBe('no');
    // Five were allowed elsewhere.
    expect(window.counted).toBe(2 + 5);
    expect(window.wanted(1, 6, 1)).toBe(0);
    // A higher limit is worth asking again.
    expect(window.request(1, 7, undefined)).toBe('ask');
  });

  it('do not use what was lent in a minute that is over', () => {
    const window = new RateWindow();
    window.request(1, 60, undefined);
    expect(window.request(2, 60, undefined)).toBe('ask');
    window.borrowed({ minute: 1, granted: 5, lent: 5 }, 5, 60);
    expect(window.again(2, 60, undefined)).toBe('ask');
  });

  it('allow together no more than the limit, and miss at most a block each, whatever the order', () => {
    const event = fc.record({ who: fc.nat({ max: 2 }), act: fc.constantFrom('request', 'answer', 'minute') });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(event, { maxLength: 600 }), (limit, events) => {
        const windows = [new RateWindow(), new RateWindow(), new RateWindow()];
        const waiting = [0, 0, 0];
        const answers: ((() => void) | undefined)[] = [undefined, undefined, undefined];
        let minute = 1;
        let lent = 0;
        let allowed = 0;
        let refused = 0;
        for (const { who, act } of events) {
          const window = windows[who]!;
          if (act === 'minute' && who === 0 && answers.every((answer) => !answer)) {
            minute += 1;
            lent = allowed = refused = 0;
            waiting.fill(0);
          } else if (act === 'request') {
            const verdict = window.request(minute, limit, undefined);
            if (verdict === 'yes') allowed += 1;
            else if (verdict === 'no') refused += 1;
            else waiting[who]! += 1;
            const wanted = window.wanted(minute, limit, waiting[who]!);
            if (wanted > 0 && !answers[who]) {
              // The lender decides now; its answer comes later.
              const granted = Math.min(wanted, limit - lent);
              lent += granted;
              const loan = { minute, granted, lent };
              answers[who] = () => window.borrowed(loan, wanted, limit);
            }
          } else if (act === 'answer' && answers[who]) {
            answers[who]!();
            answers[who] = undefined;
            for (; waiting[who]! > 0; waiting[who]! -= 1) {
              const verdict = window.again(minute, limit, undefined);
              if (verdict === 'ask') break;
              if (verdict === 'yes') allowed += 1;
              else refused += 1;
            }
          }
          expect(allowed).toBeLessThanOrEqual(limit);
          // Whoever is refused was refused since no more than a block at each other controller is unspent.
          if (refused > 0 && answers.every((answer) => !answer) && waiting.every((count) => count === 0))
            expect(limit - allowed).toBeLessThanOrEqual(2 * (rateBlock(limit) + 1));
        }
      }),
      { numRuns: 300 },
    );
  });
});
