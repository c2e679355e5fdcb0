// What every answer of the REST API must look like, told once: CORS headers, transaction ids, error bodies, activation records.
import type { Json, RawAnswer } from './raw-http';

export const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent',
  'access-control-allow-methods': 'GET, DELETE, POST, PUT, HEAD',
};

export const activationIdPattern = /^[0-9a-f]{32}$/;
const transactionIdPattern = /^[A-Za-z0-9]{32}$/;

/** Status, JSON content type, a transaction id of its own, and the CORS headers or none of them. */
export function expectAnswer(answer: RawAnswer, status: number, { hasCors = true } = {}): void {
  expect([answer.status, answer.text.slice(0, 500)]).toEqual([status, expect.any(String)]);
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['x-request-id']).toMatch(transactionIdPattern);
  for (const [name, value] of Object.entries(cors))
    expect([name, answer.headers[name]]).toEqual([name, hasCors ? value : undefined]);
}

/** An error body is `{error, code}`, and `code` is the transaction id. */
export function expectError(answer: RawAnswer, status: number, error: string | RegExp, { hasCors = true } = {}): void {
  expectAnswer(answer, status, { hasCors });
  const expected: unknown = typeof error === 'string' ? error : expect.stringMatching(error);
  expect(answer.json).toEqual({ error: expected, code: answer.headers['x-request-id'] });
}

export interface ExpectedRecord {
  readonly name: string;
  readonly response: Record<string, unknown>;
  readonly version?: string;
  readonly kind?: string;
  readonly timedOut?: boolean;
  readonly limits?: Record<string, number>;
  /** Whether this activation initialised its container; undefined: either. */
  readonly isCold?: boolean;
}

/** Fails unless this is the whole record that OpenWhisk would show, member by member. */
export function expectRecord(record: Json, wanted: ExpectedRecord): void {
  const { name, response, version = '0.0.1', kind = 'nodejs:20', timedOut = false, limits, isCold } = wanted;
  const { annotations, logs, ...rest } = record;
  expect(rest).toEqual({
    namespace: 'guest',
    name,
    version,
    subject: 'guest',
    publish: false,
    activationId: expect.stringMatching(activationIdPattern),
    start: expect.any(Number),
    end: expect.any(Number),
    duration: expect.any(Number),
    response,
  });
  expect(Array.isArray(logs)).toBe(true);
  expect(rest.end).toBeGreaterThanOrEqual(rest.start);
  const byKey = Object.fromEntries(
    (annotations as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]),
  );
  const hasInitTime = isCold ?? 'initTime' in byKey;
  expect(byKey).toEqual({
    path: `guest/${name}`,
    kind,
    waitTime: expect.any(Number),
    timeout: timedOut,
    limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1, ...limits },
    ...(hasInitTime && { initTime: expect.any(Number) }),
  });
}
