// Actions that fail in every way: each gets OpenWhisk's status and text, is recorded once, and the next invocation works.
import { expectAnswer, expectRecord } from '../support/answers';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

interface Failure {
  readonly how: string;
  /** Fails unless the payload has `fine`. */
  readonly code: string;
  readonly status: 'application error' | 'action developer error';
  readonly error: unknown;
  /** Whether the container answered, and so the record has a size. */
  readonly hasSize: boolean;
  readonly limits?: Record<string, number>;
  readonly timedOut?: boolean;
  /** It fails at init, whatever the payload. */
  readonly isHopeless?: boolean;
}

const notValid = 'The action did not produce a valid response and exited unexpectedly.';
const main = (body: string): string => `function main(args) { if (args.fine) return { fine: true }; ${body} }`;

const failures: Failure[] = [
  {
    how: 'throws',
    code: main("throw new Error('boom')"),
    status: 'action developer error',
    error: 'An error has occurred: Error: boom',
    hasSize: true,
  },
  {
    how: 'rejects',
    code: main("return Promise.reject({ reason: 'no' })"),
    status: 'application error',
    error: { reason: 'no' },
    hasSize: true,
  },
  {
    how: 'returns an error',
    code: main("return { error: 'mine', dropped: 1 }"),
    status: 'application error',
    error: 'mine',
    hasSize: true,
  },
  { how: 'exits', code: main('process.exit(3)'), status: 'action developer error', error: notValid, hasSize: false },
  {
    how: 'loops for ever',
    code: main('for (;;);'),
    limits: { timeout: 1_000 },
    timedOut: true,
    status: 'action developer error',
    error: 'The action exceeded its time limits of 1000 milliseconds.',
    hasSize: false,
  },
  {
    how: 'returns no object',
    code: main("return 'text'"),
    status: 'action developer error',
    error: 'The action did not return a dictionary.',
    hasSize: true,
  },
  {
    how: 'returns what JSON cannot say',
    code: main('const a = {}; a.a = a; return a'),
    status: 'action developer error',
    error: expect.any(String),
    hasSize: true,
  },
  {
    how: 'returns null',
    code: main('return null'),
    status: 'action developer error',
    error: 'The action did not produce a valid JSON or JSON Array response: null',
    hasSize: true,
  },
  {
    how: 'returns too much',
    code: main("return { s: 'x'.repeat(1100000) }"),
    status: 'application error',
    error: expect.stringMatching(
      /^The action produced a response that exceeded the allowed length: 1100008 > 1048576 bytes\. The truncated response was: \{"s":"x+/,
    ),
    hasSize: true,
  },
  {
    how: 'is no JavaScript',
    code: 'function main( {',
    status: 'action developer error',
    error: expect.stringMatching(/^Initialization has failed due to: SyntaxError: /),
    hasSize: true,
    isHopeless: true,
  },
  {
    how: 'has no main',
    code: 'const x = 1',
    status: 'action developer error',
    error: expect.stringMatching(/^Initialization has failed due to: /),
    hasSize: true,
    isHopeless: true,
  },
  {
    how: 'exits at init',
    code: 'process.exit(4)',
    status: 'action developer error',
    error: 'The action did not initialize and exited unexpectedly.',
    hasSize: false,
    isHopeless: true,
  },
];

describe('an action that', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  it.each(failures)('$how: 502, recorded once, and the next invocation works', async (failure) => {
    const { how, code, status, error, hasSize, limits = {}, timedOut, isHopeless } = failure;
    const name = how.replaceAll(' ', '-');
    await guest.putAction(name, code, { limits });
    const response = { status, success: false, result: { error }, ...(hasSize && { size: expect.any(Number) }) };
    const wanted = { name, response, timedOut, limits };

    const began = performance.now();
    const answer = await guest.invoke(name);
    expectAnswer(answer, 502);
    expect(performance.now() - began).toBeLessThan(8_000);
    const id = answer.headers['x-openwhisk-activation-id'] as string;
    expect(answer.json.activationId).toBe(id);
    expectRecord(answer.json, wanted);
    expectRecord(await guest.record(id), wanted);

    const bare = await guest.invoke(name, {}, 'blocking=true&result=true');
    expectAnswer(bare, 502);
    expect(bare.json).toEqual({ error });
    await expect(clientOf(platform).actions.invoke({ name, blocking: true })).rejects.toMatchObject({
      statusCode: 502,
    });
    await until('three records', async () => (await guest.recordCount(name)) === 3);

    if (isHopeless) await guest.putAction(name, main(''));
    const next = await guest.invoke(name, { fine: true }, 'blocking=true&result=true');
    expect([next.status, next.json]).toEqual([200, { fine: true }]);
  });

  it('fails as a developer error: its logs end by saying so', async () => {
    await guest.putAction('logs-then-throws', "function main() { console.log('before'); throw new Error('x') }");
    const id = (await guest.invoke('logs-then-throws')).json.activationId as string;
    const logs = await until('the logs', async () => {
      const found = (await guest.call('GET', `activations/${id}/logs`)).json?.logs as string[] | undefined;
      return found !== undefined && found.length > 1 && found;
    });
    expect(logs[0]).toMatch(/ stdout: before$/);
    expect(logs.at(-1)).toMatch(
      / stderr: The action did not initialize or run as expected\. Log data might be missing\.$/,
    );
  });
});
