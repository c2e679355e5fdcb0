import fc from 'fast-check';
import { defaultLimits } from '#limits';
import type { Origin } from './forwarding';
import { Settlement, type Verdict } from './settlement';

const limits = { ...defaultLimits, actionRetriesMaxCount: 3, queueAgeMs: 60_000 };
const ran = { isBegun: true, isLoss: false, ageMs: 100 };
const lost = { isBegun: true, isLoss: true, ageMs: 100 };

describe('the settlement of a client’s activation', () => {
  let settlement: Settlement;
  beforeEach(() => (settlement = new Settlement('client', undefined)));

  it('is a record and an answer', () => {
    expect(settlement.ended(ran, limits)).toBe('record');
    expect(settlement.told()).toBe(true);
    expect(settlement.told()).toBe(false);
  });

  it('takes the first outcome', () => {
    expect(settlement.ended(lost, limits)).toBe('record');
    expect([settlement.ended(ran, limits), settlement.expired(), settlement.elapsed()]).toEqual([
      'none',
      'none',
      'none',
    ]);
  });

  it('without a container is a refusal, and no record', () => {
    expect(settlement.expired()).toBe('unavailable');
    expect([settlement.expired(), settlement.ended(ran, limits)]).toEqual(['none', 'none']);
  });

  it('is promised once the wait is over, and then a record whatever comes, of which nobody is told', () => {
    expect([settlement.elapsed(), settlement.elapsed()]).toEqual(['promise', 'none']);
    expect(settlement.expired()).toBe('record');
    expect(settlement.told()).toBe(false);
  });

  it('is a record of which nobody is told once the client is gone', () => {
    settlement.abandoned();
    expect(settlement.elapsed()).toBe('none');
    expect(settlement.ended(ran, limits)).toBe('record');
    expect(settlement.told()).toBe(false);
  });

  it('is nothing here when another controller keeps the record, but an answer', () => {
    settlement.leftToOthers();
    expect(settlement.ended(ran, limits)).toBe('none');
    expect(settlement.told()).toBe(true);
  });
});

describe('the settlement of a queued activation', () => {
  const queued = (asked: number, lostCount: number) => new Settlement('queue', { asked, lost: lostCount });

  it.each([
    ['ran', queued(3, 0), ran, 'record'],
    ['was lost, and asked for no more', queued(0, 0), lost, 'record'],
    ['was lost, and asked for more', queued(2, 1), lost, 'again'],
    ['was lost as often as it asked for', queued(2, 2), lost, 'record'],
    ['was lost when it was too old', queued(2, 0), { ...lost, ageMs: 60_000 }, 'record'],
    ['failed before anything was sent', queued(2, 0), { ...lost, isBegun: false }, 'record'],
  ] as const)('that %s', (_what, settlement, end, verdict) => {
    expect(settlement.ended(end, limits)).toBe(verdict);
    expect(settlement.told()).toBe(false);
  });

  it('goes back whole when no container came', () => {
    expect(queued(0, 0).expired()).toBe('give back');
  });

  it('is never promised: its id was given out before', () => {
    expect(queued(0, 0).elapsed()).toBe('none');
  });
});

describe('whatever happens, in any order', () => {
  const event = fc.constantFrom('ended', 'lost', 'expired', 'elapsed', 'abandoned', 'elsewhere', 'told');
  const origins = fc.constantFrom<Origin>('client', 'queue', 'peer');

  it('there is one outcome, one answer, and a record for every id that was given out', () => {
    fc.assert(
      fc.property(origins, fc.array(event, { maxLength: 12 }), fc.nat(3), (origin, events, asked) => {
        const settlement = new Settlement(origin, origin === 'queue' ? { asked, lost: 0 } : undefined);
        const verdicts: Verdict[] = [];
        let answers = 0;
        let isElsewhere = false;
        for (const happened of events) {
          if (happened === 'ended') verdicts.push(settlement.ended(ran, limits));
          else if (happened === 'lost') verdicts.push(settlement.ended(lost, limits));
          else if (happened === 'expired') verdicts.push(settlement.expired());
          else if (happened === 'elapsed') verdicts.push(settlement.elapsed());
          else if (happened === 'abandoned') settlement.abandoned();
          else if (happened === 'told' && settlement.isSettled) answers += settlement.told() ? 1 : 0;
          else if (happened === 'elsewhere') {
            isElsewhere ||= !settlement.isSettled;
            settlement.leftToOthers();
          }
        }
        const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
        const outcomes = count('record') + count('unavailable') + count('give back') + count('again');
        expect(outcomes + (isElsewhere ? 1 : 0)).toBe(settlement.isSettled ? 1 : 0);
        answers += count('promise') + count('unavailable');
        expect(answers).toBeLessThanOrEqual(origin === 'queue' ? 0 : 1);
        if (count('promise') > 0) expect(count('unavailable') + count('give back') + count('again')).toBe(0);
        if (origin === 'queue') expect(count('unavailable')).toBe(0);
        else expect(count('give back') + count('again')).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
