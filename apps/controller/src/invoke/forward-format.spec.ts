import fc from 'fast-check';
import { activationStatus } from '#entity';
import { answerText, type ForwardHead, forwardText, headBytesMax, readAnswer, readForward } from './forward-format';
import { RecordTemplate } from './activation-record';

const activationId = '018bcfe5680070008000000000000000';
const head: ForwardHead = {
  activationId,
  transactionId: 'tid\n"1"',
  waitedMs: 12,
  remainingMs: 59_988,
  action: { namespace: 'guest', packageName: 'pkg', name: 'hello', revision: 7 },
  identity: { subject: 'guest', namespace: 'guest', uuid: '23bc46b1', limits: { storeActivations: false } },
  cause: '018bcfe5680070008000000000000001',
  sealedKey: 'AAAA',
};

describe('a forwarded invocation on the wire', () => {
  it('reads as it was written, whatever the payload', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.string(), (payload, waitedMs, transactionId) => {
        const request = { head: { ...head, waitedMs, transactionId }, payload };
        expect(readForward(forwardText(request))).toMatchObject(request);
      }),
    );
  });

  const written = forwardText({ head, payload: '{"a":1}' });
  it.each([
    ['nothing', ''],
    ['no newline', written.slice(0, written.indexOf('\n'))],
    ['a torn head', written.slice(5)],
    ['no object', 'null\n{}'],
    ['a head without an end', `{"x":"${'x'.repeat(headBytesMax)}"}\n{}`],
    ['an id that is none', written.replace(activationId, 'guest')],
    ['a time that runs backwards', written.replace('"waitedMs":12', '"waitedMs":-1')],
    ['no identity', written.replace('"identity"', '"other"')],
  ])('is none: %s', (_, text) => {
    expect(readForward(text)).toBeUndefined();
  });

  it('tells another version from nonsense', () => {
    expect(readForward('{"version":3,"anything":"else"}\n{}')).toBe('other-version');
    expect(readForward('{"version":4,"anything":"else"}\n{}')).toBeUndefined();
  });
});

describe('the answer', () => {
  const action = {
    name: 'hello',
    fullyQualifiedName: 'guest/hello',
    version: '0.0.1',
    exec: { kind: 'nodejs:20' },
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
  } as ConstructorParameters<typeof RecordTemplate>[0];
  const identity = { subject: 'guest', namespace: 'guest', uuid: '', apiKey: '', limits: {} };
  const facts = { activationId, start: 1, duration: 2, waitTime: 3, initTime: undefined, timedOut: false };

  /** As a controller answers for a result that a container wrote. */
  function answered(result: string, size: number | undefined = result.length): string {
    const outcome = { statusCode: activationStatus.success, result, size, timedOut: false, keepsContainer: true };
    return answerText({
      activationId,
      outcome,
      record: new RecordTemplate(action, identity).record({ ...facts, ...outcome }),
    });
  }

  it('is read as it was written, digit by digit', () => {
    for (const result of [
      '{}',
      '{"n":12345678901234567890,"t":"\\n}\\"{"}',
      '{ "spaced" : [ 1 ] }',
      '[1,{"response":2}]',
    ]) {
      const { end, activation } = readAnswer(activationId, 200, answered(result));
      expect([end, activation?.outcome.result, activation?.outcome.statusCode]).toEqual(['kept', result, 0]);
      expect(answered(result).endsWith(`\n${activation!.record}`)).toBe(true);
    }
    expect(readAnswer(activationId, 200, answered('{}')).activation!.outcome.size).toBe(2);
  });

  it.each([400, 401, 404, 413, 421, 431])('%i: nothing was begun', (status) => {
    expect(readAnswer(activationId, status, answered('{}'))).toEqual({ end: 'refused' });
  });

  it.each([
    ['another activation', 200, answered('{}').replace(activationId, activationId.replace('0', '1'))],
    ['a torn answer', 200, answered('{}').slice(0, 40)],
    ['no record', 200, answered('{}').replace(/\n.*/, '\n')],
    ['no result', 200, answered('{}').replace('"result"', '"other"')],
    ['somebody else’s page', 200, '<html>\n</html>'],
    ['a failure', 500, answered('{}')],
    ['a gateway', 502, ''],
    ['a redirection', 302, ''],
  ])('nobody knows after %s', (_, status, text) => {
    expect(readAnswer(activationId, status, text)).toEqual({ end: 'lost' });
  });
});
