import { readApiHost } from './api-host';
import { readActivation } from './read-activation';
import { startPathOf } from './start-path';

const w = { i: 'r-1', a: 'f00', c: 'c1', n: 0, b: 1_000, z: false, s: 2_000, e: 2_010 };
const record = (status: string, result: unknown = { w }, annotations: unknown = []): string =>
  JSON.stringify({ activationId: 'f00', start: 2_000, duration: 50, annotations, response: { status, result } });

describe('an answer of the API', () => {
  it('tells the parts of the time apart', () => {
    const body = record('success', { w }, [
      { key: 'waitTime', value: 7 },
      { key: 'initTime', value: 30 },
      { key: 'path', value: 'guest/x' },
    ]);
    expect(readActivation(200, body)).toEqual({
      outcome: 'ok',
      activationId: 'f00',
      startMs: 2_000,
      waitMs: 7,
      initMs: 30,
      runMs: 20,
      inside: w,
    });
  });

  it.each([
    [202, '{"activationId":"a"}', { acceptedId: 'a' }],
    [502, record('application error', { error: 'no' }), { outcome: 'action-error', detail: 'no' }],
    [502, record('action developer error', { error: 'no' }), { outcome: 'developer-error' }],
    [502, record('whisk internal error', {}), { outcome: 'platform-error' }],
    [502, '<html>bad gateway</html>', { outcome: 'platform-error' }],
    [500, '{"error":"broken"}', { outcome: 'platform-error', detail: 'broken' }],
    [429, '{"error":"too many"}', { outcome: 'throttled', detail: 'too many' }],
    [503, 'busy', { outcome: 'unavailable', detail: 'busy' }],
    [403, '{"error":"no"}', { outcome: 'refused', detail: '403 no' }],
    [200, 'null', { outcome: 'malformed' }],
    [200, '[1]', { outcome: 'malformed' }],
    [200, '{"response":{"status":"success","result":{"w":{"i":1}}}}', { outcome: 'ok', inside: undefined }],
    [
      200,
      '{"response":{"status":"success"},"annotations":[null,{"key":"waitTime","value":"x"}]}',
      { outcome: 'ok', waitMs: undefined },
    ],
  ])('%i %s', (status, body, expected) => {
    expect(readActivation(status, body)).toMatchObject(expected);
  });
});

describe('how a container had started', () => {
  it.each([
    ['cold', 30, 900, { ...w, b: 950 }],
    ['prewarmed', 30, 1_900, w],
    ['warm', undefined, 1_900, { ...w, n: 3 }],
    ['suspended', undefined, 1_900, { ...w, n: 3, z: true }],
    // A call-back brings no record.
    ['cold', undefined, 900, w],
    ['cold', 30, 900, undefined],
    [undefined, undefined, 900, undefined],
  ])('is %s', (path, initMs, acceptedMs, inside) => {
    expect(startPathOf(initMs, acceptedMs, inside)).toBe(path);
  });
});

describe('an API host', () => {
  it.each([
    ['http://127.0.0.1:3233', { host: '127.0.0.1', port: 3_233, isTls: false }],
    ['whisk.example.org', { host: 'whisk.example.org', port: 443, isTls: true }],
    ['http://[::1]:80/api/v1', { host: '::1', port: 80 }],
    ['ftp://x', expect.stringContaining('only http and https')],
    ['http://x/y', expect.stringContaining('has a path')],
    ['http://', expect.stringContaining('no API host')],
  ])('%s', (text, expected) => {
    const read = readApiHost(text, false);
    if (typeof read === 'string') expect(read).toEqual(expected);
    else expect(read).toMatchObject(expected as object);
  });
});
