import fc from 'fast-check';
import { messages, Rejection } from '#entity';
import { webExtensions, type WebExtension } from './web-path';
import { type WebResponse, webResponse } from './web-response';

function answer(extension: WebExtension, result: unknown, isError = false, accept?: string): WebResponse {
  const text = typeof result === 'string' ? result : JSON.stringify(result);
  return webResponse(extension, text, isError, accept === undefined ? {} : { accept });
}

function headersOf({ headers }: WebResponse): Record<string, string> {
  const shown: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!.toLowerCase();
    const value = headers[index + 1]!;
    shown[name] = name in shown ? `${shown[name]}, ${value}` : value;
  }
  return shown;
}

type Row = [result: unknown, status: number, type: string | undefined, body: string];

function table(extension: WebExtension, rows: readonly Row[]): void {
  it.each(rows)(`${extension}: %j`, (result, status, type, body) => {
    const response = answer(extension, result);
    expect(response.status).toBe(status);
    expect(headersOf(response)['content-type']).toBe(type);
    expect(response.body.toString('utf8')).toBe(body);
  });
}

function refusals(extension: WebExtension, rows: readonly [unknown, number, string][]): void {
  it.each(rows)(`${extension} refuses %j`, (result, status, message) => {
    expect(() => answer(extension, result)).toThrow(expect.objectContaining({ status, message, cors: true }) as Error);
  });
}

const html = 'text/html; charset=UTF-8';
const json = 'application/json';
const plain = 'text/plain; charset=UTF-8';
const typed = (type: string, body: unknown) => ({ headers: { 'content-type': type }, body });

// Section 4.3 of OpenWhisk's behaviour, with R19, A29 and A30 of what was measured.
describe('the response of a web action', () => {
  table('.http', [
    [{ body: '<b>hi</b>' }, 200, html, '<b>hi</b>'],
    [{ body: 'é☃' }, 200, html, 'é☃'],
    [{ body: { a: [1, 2] } }, 200, json, '{\n  "a": [1, 2]\n}'],
    [{ body: [1, 2] }, 200, json, '[1, 2]'],
    [{ body: 5 }, 200, json, '5'],
    [{ body: false }, 200, json, 'false'],
    // no body
    [{}, 204, undefined, ''],
    [{ other: 1 }, 204, undefined, ''],
    [{ body: '' }, 204, undefined, ''],
    [{ body: null }, 204, undefined, ''],
    [{ statusCode: 200 }, 200, undefined, ''],
    [{ statusCode: 302, headers: { location: 'http://x/', 'content-type': 'text/plain' } }, 302, undefined, ''],
    [{ statusCode: 204, body: 'x' }, 204, undefined, ''],
    [{ statusCode: 304, body: 'x' }, 304, undefined, ''],
    // status
    [{ statusCode: 418, body: 'tea' }, 418, html, 'tea'],
    [{ statusCode: 444, body: 'x' }, 444, html, 'x'],
    [{ statusCode: 599, body: 'x' }, 599, html, 'x'],
    [{ statusCode: '202', body: 'x' }, 202, html, 'x'],
    ['{"statusCode":200.0,"body":"x"}', 200, html, 'x'],
    // type
    [typed('text/plain', 'x'), 200, plain, 'x'],
    [typed('text/html; charset=ISO-8859-1', 'é'), 200, html, 'é'],
    [typed('application/json', { a: 1 }), 200, json, '{\n  "a": 1\n}'],
    [typed('application/json; charset=utf-8', { a: 1 }), 200, json, '{\n  "a": 1\n}'],
    [typed('application/json', '{"a":1}'), 200, json, '{"a":1}'],
    [typed('application/json', Buffer.from('{"a": 1}').toString('base64')), 200, json, '{"a": 1}'],
    [typed('application/vnd.api+json', { a: 1 }), 200, 'application/vnd.api+json', '{\n  "a": 1\n}'],
    [typed('application/vnd.x+json', { a: 1 }), 200, 'application/vnd.x+json', '{\n  "a": 1\n}'],
    [typed('application/vnd.x+json', '{"a":1}'), 200, 'application/vnd.x+json', '{"a":1}'],
    [typed('image/png', Buffer.from('bytes').toString('base64')), 200, 'image/png', 'bytes'],
    [typed('image/png', 'Ynl0ZXM'), 200, 'image/png', 'bytes'],
    [typed('application/octet-stream', 'Ynl0ZXM='), 200, 'application/octet-stream', 'bytes'],
    ['{ "body" : { "n" : 12345678901234567890.50 } }', 200, json, '{\n  "n": 12345678901234567890.50\n}'],
  ]);

  const invalidHttp = messages.invalidMedia('message/http');
  refusals('.http', [
    [[1, 2], 400, invalidHttp],
    [{ statusCode: 'abc', body: 'x' }, 400, invalidHttp],
    [{ statusCode: '', body: 'x' }, 400, invalidHttp],
    [{ statusCode: '0x1ff', body: 'x' }, 400, invalidHttp],
    [{ statusCode: 99, body: 'x' }, 400, invalidHttp],
    [{ statusCode: 101, body: 'x' }, 400, invalidHttp],
    [{ statusCode: 600 }, 400, invalidHttp],
    [{ statusCode: 999, body: 'x' }, 400, invalidHttp],
    [{ statusCode: 200.5, body: 'x' }, 400, invalidHttp],
    [{ statusCode: null }, 400, invalidHttp],
    [{ statusCode: true }, 400, invalidHttp],
    [{ headers: 'x', body: 'x' }, 400, invalidHttp],
    [{ headers: null }, 400, invalidHttp],
    [{ headers: { 'X-O': { a: 1 } }, body: 'x' }, 400, invalidHttp],
    [typed('xyz', 'x'), 400, messages.unknownResponseType],
    [typed('image/png', '@@@not base64'), 400, messages.responseTypeMismatch],
    [typed('image/png', 'abcde'), 400, messages.responseTypeMismatch],
    [typed('image/png', 'YQ='), 400, messages.responseTypeMismatch],
    [typed('text/plain', { a: 1 }), 400, messages.responseTypeMismatch],
    [typed('xyz', { a: 1 }), 400, messages.responseTypeMismatch],
  ]);

  table('.json', [
    [{ body: { a: [1, 2] } }, 200, json, '{\n  "body": {\n    "a": [1, 2]\n  }\n}'],
    [
      { statusCode: 404, headers: { 'X-A': 1 } },
      200,
      json,
      '{\n  "statusCode": 404,\n  "headers": {\n    "X-A": 1\n  }\n}',
    ],
    [[1, 2], 200, json, '[1, 2]'],
    [{}, 200, json, '{\n\n}'],
  ]);

  table('.html', [
    [{ body: '<b/>', html: 'x' }, 200, html, '<b/>'],
    [{ html: '<i/>' }, 200, html, '<i/>'],
    [{ statusCode: 404, headers: { 'X-A': 1 }, body: '' }, 200, html, ''],
  ]);
  refusals('.html', [
    [{}, 400, messages.invalidMedia('text/html')],
    [{ body: { a: 1 } }, 400, messages.invalidMedia('text/html')],
    [{ body: null, html: 'x' }, 400, messages.invalidMedia('text/html')],
    [[1], 400, messages.invalidMedia('text/html')],
  ]);

  table('.svg', [
    [{ body: '<svg/>' }, 200, 'image/svg+xml', '<svg/>'],
    [{ svg: '<svg id=1/>' }, 200, 'image/svg+xml', '<svg id=1/>'],
  ]);
  refusals('.svg', [[{ html: 'x' }, 400, messages.invalidMedia('image/svg+xml')]]);

  table('.text', [
    [{ body: 'x', text: 'y' }, 200, plain, 'x'],
    [{ text: 'plain' }, 200, plain, 'plain'],
    [{ body: { a: 1 } }, 200, plain, '{\n  "a": 1\n}'],
    [{ body: [1, 2] }, 200, plain, '[1, 2]'],
    [{ body: 5 }, 200, plain, '5'],
    [{ body: true }, 200, plain, 'true'],
    [{ body: null }, 200, plain, 'null'],
    [[1, 2], 200, plain, '[1, 2]'],
  ]);
  refusals('.text', [[{ a: { b: 1 } }, 404, messages.propertyNotFound]]);

  describe('of an application error', () => {
    const failed = (extension: WebExtension, error: unknown) => answer(extension, { error }, true);
    const errorObject = { statusCode: 404, headers: { 'X-E': 'e' }, body: 'nf here' };

    it('is what the error says, under .http', () => {
      const response = failed('.http', errorObject);
      expect(response.status).toBe(404);
      expect(headersOf(response)).toEqual({ 'x-e': 'e', 'content-type': html });
      expect(response.body.toString()).toBe('nf here');
    });

    it('is the error object with 200, under .json', () => {
      const response = failed('.json', errorObject);
      expect([response.status, JSON.parse(response.body.toString())]).toEqual([200, errorObject]);
    });

    it.each([
      ['.html', html],
      ['.svg', 'image/svg+xml'],
      ['.text', plain],
    ] as const)('is a bare string with 200, under %s', (extension, type) => {
      const response = failed(extension, 'bad thing');
      expect([response.status, headersOf(response)['content-type'], response.body.toString()]).toEqual([
        200,
        type,
        'bad thing',
      ]);
    });

    it.each([
      ['.http', 'message/http'],
      ['.json', 'application/json'],
    ] as const)('is refused as a bare string under %s', (extension, media) => {
      expect(() => failed(extension, 'bad thing')).toThrow(messages.invalidMedia(media));
    });
  });

  it.each([
    ['.json', { a: 1 }, 'text/html', 'application/json'],
    ['.json', { a: 1 }, '*/*, application/json;q=0', 'application/json'],
    ['.http', { body: 'x' }, 'application/json', html],
    ['.html', { body: 'x' }, 'image/*', html],
    ['.svg', { body: 'x' }, 'text/html', 'image/svg+xml'],
    ['.text', { body: 'x' }, 'text/html', 'text/plain'],
  ] as const)('%s %j is refused to a client that reads %s', (extension, result, accept, shown) => {
    expect(() => answer(extension, result, false, accept)).toThrow(
      expect.objectContaining({ status: 406, cors: false, message: messages.notAcceptable(shown) }) as Error,
    );
  });

  it('goes to every client when it has no body or is an error', () => {
    expect(answer('.http', {}, false, 'image/png').status).toBe(204);
    expect(answer('.http', { statusCode: 404, body: 'x' }, false, 'image/png').status).toBe(404);
  });

  it('is a response or a refusal, whatever the result', () => {
    const part = fc.oneof(
      fc.jsonValue(),
      fc.record({ statusCode: fc.jsonValue(), headers: fc.jsonValue(), body: fc.jsonValue() }, { requiredKeys: [] }),
      fc.record({
        statusCode: fc.integer({ min: 0, max: 700 }),
        headers: fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())),
        body: fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.jsonValue()),
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...webExtensions), part, fc.boolean(), (extension, value, isError) => {
        const result = isError ? JSON.stringify({ error: value }) : JSON.stringify(value);
        try {
          const { status, headers } = webResponse(extension, result, isError, {});
          expect(status).toBeGreaterThanOrEqual(200);
          expect(status).toBeLessThan(600);
          for (const text of headers) expect(text).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
        } catch (error) {
          if (!(error instanceof Rejection)) throw error;
          expect([400, 404]).toContain(error.status);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('survives results of any depth', () => {
    const depth = 150_000;
    const deep = `${'{"body":'.repeat(depth)}1${'}'.repeat(depth)}`;
    for (const extension of ['.http', '.json', '.text'] as const) {
      expect(webResponse(extension, deep, false, {}).body.length).toBeGreaterThan(depth);
    }
    const headers = `{"headers":{"content-type":"${'text/html;'.repeat(50_000)}"},"body":"x"}`;
    expect(() => webResponse('.http', headers, false, {})).toThrow(messages.unknownResponseType);
  });
});
