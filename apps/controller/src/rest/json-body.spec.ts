import { acceptsJson } from './accept';
import { jsonBody, jsonPayload } from './json-body';

const json = { 'content-type': 'application/json' };
const bytes = (text: string) => Buffer.from(text);

describe('bodies', () => {
  it('are read as JSON', () => {
    expect(jsonBody({ 'content-type': 'Application/JSON; charset=utf-8' }, bytes('{"a":[1]}'))).toEqual({ a: [1] });
  });

  it.each([
    [{}, 'application/octet-stream'],
    [{ 'content-type': 'text/plain' }, 'text/plain'],
    [{ 'content-type': 'application/x-www-form-urlencoded; x=1' }, 'application/x-www-form-urlencoded'],
  ])('have to be declared as JSON: %j', (headers, shown) => {
    const message = `The request's Content-Type [${shown}] is not supported. Expected:\napplication/json`;
    expect(() => jsonBody(headers, bytes('{}'))).toThrow(
      expect.objectContaining({ status: 415, cors: false, message }) as Error,
    );
  });

  it.each(['', '{', '{"a":1', '[1,]', 'nonsense', '\ufeff{}'])('cannot be %p', (text) => {
    expect(() => jsonBody(json, bytes(text))).toThrow(
      expect.objectContaining({
        status: 400,
        cors: false,
        message: expect.stringMatching(/^The request content was malformed:\n./) as string,
      }) as Error,
    );
  });

  it('are malformed, not of a wrong type, when they are missing', () => {
    expect(() => jsonBody({}, undefined)).toThrow(/^The request content was malformed:\n/);
  });

  it('may be nested, but not without end', () => {
    expect(() => jsonBody(json, bytes('['.repeat(1_000) + ']'.repeat(1_000)))).not.toThrow();
    expect(() => jsonBody(json, bytes('['.repeat(1_001) + ']'.repeat(1_001)))).toThrow('nested too deeply');
    expect(() => jsonBody(json, bytes('['.repeat(1e6) + ']'.repeat(1e6)))).toThrow('nested too deeply');
    expect(() => jsonBody(json, bytes(JSON.stringify({ a: `\\"${'['.repeat(2_000)}` })))).not.toThrow();
    expect(() => jsonBody(json, bytes(`[${'[],'.repeat(2_000)}[]]`))).not.toThrow();
  });
});

describe('payloads', () => {
  it('may be missing', () => {
    expect(jsonPayload('')).toBeUndefined();
  });

  it.each(['[1]', '"x"', '5', 'null'])('cannot be %s', (text) => {
    expect(() => jsonPayload(text)).toThrow('The request content was malformed:\nJSON object expected');
  });
});

describe('a client', () => {
  it.each([undefined, '', '*/*', 'application/json', 'text/html, application/*;q=0.5', 'text/html,*/*;q=0.8'])(
    'that accepts %p can read JSON',
    (accept) => expect(acceptsJson({ accept })).toBe(true),
  );

  it.each(['text/html', 'application/json;q=0', 'text/*, application/xml'])('that accepts %p cannot', (accept) => {
    expect(acceptsJson({ accept })).toBe(false);
  });
});
