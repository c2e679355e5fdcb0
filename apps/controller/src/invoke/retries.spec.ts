// Who is run again, by table.
import { defaultLimits } from '#limits';
import { attemptNumber, isLoss, mayRunAgain } from './retries';
import { initOutcome, initWithoutReply, runOutcome, runWithoutReply, whiskError } from './run-outcome';

const answer = (status: number, text: string) => runOutcome(status, Buffer.from(text), text.length, 1_000);

describe('a loss', () => {
  it.each([
    ['a container that went away during the run', runWithoutReply('lost', 1), true],
    ['a container that went away during /init', initWithoutReply('lost', 1), true],
    ['a failure of the platform', whiskError('no agent'), true],
    ['a result', answer(200, '{}'), false],
    ['an error of the application', answer(200, '{"error":"no"}'), false],
    ['an answer that is none', answer(200, 'nonsense'), false],
    ['an exception that the runtime reports', answer(502, '{"error":"thrown"}'), false],
    ['a result that is too large', runOutcome(200, Buffer.from('{'), 2_000, 1_000), false],
    ['code that cannot be initialised', initOutcome(502, Buffer.from('{"error":"syntax"}'), 18)!, false],
    ['the time limit of a run', runWithoutReply('timeout', 1), false],
    ['the time limit of /init', initWithoutReply('timeout', 1), false],
    ['an answer that is no HTTP', runWithoutReply('malformed', 1), false],
  ])('is or is not %s', (_, outcome, expected) => {
    expect(isLoss(outcome)).toBe(expected);
  });
});

describe('a lost invocation', () => {
  const limits = { ...defaultLimits, actionRetriesMaxCount: 3, queueAgeMs: 1_000 };
  it.each([
    ['whose action asks for nothing', { asked: 0, lost: 0 }, 0, false],
    ['that was lost for the first time', { asked: 1, lost: 0 }, 0, true],
    ['that was run again as often as asked', { asked: 1, lost: 1 }, 0, false],
    ['whose action asks for more than anybody gets', { asked: 99, lost: 2 }, 0, true],
    ['that was run again as often as anybody', { asked: 99, lost: 3 }, 0, false],
    ['that is as old as the queue allows', { asked: 1, lost: 0 }, 1_000, false],
  ])('%s: %j at %d ms is run again: %p', (_, attempts, ageMs, expected) => {
    expect(mayRunAgain(attempts, ageMs, limits)).toBe(expected);
  });

  it('has the number of its attempt in the record, if its action asks for more than one', () => {
    expect([undefined, { asked: 0, lost: 0 }, { asked: 2, lost: 0 }, { asked: 2, lost: 2 }].map(attemptNumber)).toEqual(
      [undefined, undefined, 1, 3],
    );
  });
});
