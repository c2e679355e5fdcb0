// OpenWhisk's mapping from the container's answer to the outcome, row by row (compatibility notes 3.3, R14, R16).
import { initOutcome, initWithoutReply, runOutcome, runWithoutReply } from './run-outcome';

const limit = 100;
const run = (status: number, body: string, length = Buffer.byteLength(body)) =>
  runOutcome(status, Buffer.from(body).subarray(0, limit), length, limit);

describe('run outcome', () => {
  it.each([
    ['an object', 200, '{"ok": 1}', 0, '{"ok": 1}', true],
    ['a list', 200, '[1,{"error":2}]', 0, '[1,{"error":2}]', true],
    ['an error and siblings, which are dropped', 200, '{"error":{"a":1},"other":2}', 1, '{"error":{"a":1}}', true],
    ['an error of null', 200, '{"error":null}', 1, '{"error":null}', true],
    ['null', 200, 'null', 2, '{"error":"The action did not produce a valid JSON or JSON Array response: null"}', false],
    [
      'no JSON',
      200,
      'oops',
      2,
      '{"error":"The action did not produce a valid JSON or JSON Array response: oops"}',
      false,
    ],
    ['nothing', 200, '', 2, '{"error":"The action did not produce a valid JSON or JSON Array response."}', false],
    [
      'a refusal with an error',
      502,
      '{"error":"An error has occurred: x","y":1}',
      2,
      '{"error":"An error has occurred: x"}',
      false,
    ],
    [
      'a refusal without one',
      500,
      'bad',
      2,
      '{"error":"The action did not produce a valid JSON or JSON Array response: bad"}',
      false,
    ],
  ])('%s', (_name, status, body, statusCode, result, keepsContainer) => {
    expect(run(status, body)).toEqual({
      statusCode,
      result,
      size: Buffer.byteLength(body),
      timedOut: false,
      keepsContainer,
    });
  });

  it('cuts what is too large and calls it an application error', () => {
    const outcome = run(200, `{"s":"${'x'.repeat(200)}"}`);
    expect(outcome.statusCode).toBe(1);
    expect(outcome.size).toBe(208);
    expect(JSON.parse(outcome.result)).toEqual({
      error: `The action produced a response that exceeded the allowed length: 208 > 100 bytes. The truncated response was: {"s":"${'x'.repeat(94)}`,
    });
  });

  it('tells time limits from exits, in run and in init', () => {
    expect(runWithoutReply('timeout', 500)).toMatchObject({ statusCode: 2, timedOut: true, size: undefined });
    expect(runWithoutReply('timeout', 500).result).toContain('exceeded its time limits of 500 milliseconds.');
    expect(runWithoutReply('lost', 500).result).toContain('exited unexpectedly');
    expect(runWithoutReply('malformed', 500).result).toContain('exited unexpectedly');
    expect(initWithoutReply('timeout', 500).result).toContain('500 milliseconds during initialization.');
    expect(initWithoutReply('lost', 500).result).toContain('did not initialize and exited unexpectedly');
  });

  it('maps /init', () => {
    expect(initOutcome(200, Buffer.from('whatever'), 8)).toBeUndefined();
    expect(initOutcome(502, Buffer.from('{"error":"Initialization has failed"}'), 37)).toMatchObject({
      statusCode: 2,
      result: '{"error":"Initialization has failed"}',
      size: 37,
    });
    expect(initOutcome(500, Buffer.from('zip'), 3)?.result).toBe(
      '{"error":"The action failed during initialization: zip"}',
    );
  });
});

it('keeps an error that is nested too deep to be written anew, and nothing else of its answer', () => {
  const deep = '['.repeat(400_000) + ']'.repeat(400_000);
  const text = `{ "other": 1, "error": ${deep} }`;
  for (const status of [200, 502]) {
    expect(runOutcome(status, Buffer.from(text), text.length, 1_048_576).result).toBe(`{"error":${deep}}`);
  }
  expect(initOutcome(502, Buffer.from(text), text.length)!.result).toBe(`{"error":${deep}}`);
});

it('takes the white space off that a server writes around its result', () => {
  expect(runOutcome(200, Buffer.from(' {"a": 1}\n'), 10, 100)).toMatchObject({ result: '{"a": 1}', size: 10 });
});
