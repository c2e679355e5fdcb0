import fc from 'fast-check';
import { messages } from '#entity';
import { webArguments, type WebRequest } from './web-arguments';
import { webTarget } from './web-path';

interface Given {
  readonly method?: string;
  readonly rest?: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly user?: string;
  readonly headers?: Record<string, string>;
}

function request({ method = 'POST', rest = '', type, body = '', user, headers = {} }: Given): WebRequest {
  const all = { host: 'x', ...headers, ...(type === undefined ? {} : { 'content-type': type }) };
  const target = webTarget(`/api/v1/web/guest/default/w.json${rest}`)!;
  return { method, headers: all, target, user, body: Buffer.from(body) };
}

function read(given: Given, isRaw = false, immutable: readonly string[] = []): Record<string, unknown> {
  const { text, value, keys } = webArguments(request(given), isRaw, new Set(immutable));
  expect(JSON.parse(text)).toEqual({ ...value });
  expect([...keys].sort()).toEqual(Object.keys(value).sort());
  return JSON.parse(text) as Record<string, unknown>;
}

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

describe('the arguments of a web action', () => {
  it('tell the request', () => {
    const given = {
      method: 'GET',
      rest: '/a%20b/c?x=1',
      user: 'me',
      headers: { accept: '*/*', 'content-length': '0' },
    };
    expect(read(given)).toEqual({
      __ow_method: 'get',
      __ow_headers: { host: 'x', accept: '*/*' },
      __ow_path: '/a%20b/c',
      __ow_user: 'me',
      x: '1',
    });
  });

  it('merge query and body, the last wins', () => {
    expect(read({ rest: '?q=1&q=2&r&s=a+b%20c', type: json, body: '{"q":{"x":3}}' })).toMatchObject({
      q: { x: 3 },
      r: '',
      s: 'a b c',
    });
    expect(read({ rest: '?q=1', type: form, body: 'a=1&a=2&q=3&b=x%20y' })).toMatchObject({ a: '2', b: 'x y', q: '3' });
  });

  // section 4.2 and notes R22, A31: body, its type as shown, __ow_body (undefined: none)
  it.each([
    ['a list', json, '[1,2]', json, [1, 2]],
    ['a JSON string', json, '"x"', json, 'x'],
    ['null', json, 'null', json, null],
    ['nothing, declared as JSON', json, '', json, undefined],
    ['nothing at all', undefined, '', undefined, undefined],
    ['nothing, declared as text', 'text/plain', '', 'text/plain', ''],
    ['text', 'text/plain', 'é', 'text/plain', 'é'],
    ['text in a charset', 'text/plain; charset=utf-8', 'x', 'text/plain; charset=UTF-8', 'x'],
    ['bytes', 'application/octet-stream', 'binary body', 'application/octet-stream', 'YmluYXJ5IGJvZHk='],
    ['an image', 'image/png', 'bin', 'image/png', 'Ymlu'],
    ['what has no type', undefined, '{"a":1}', 'application/octet-stream', 'eyJhIjoxfQ=='],
    ['what has a type that is none', 'xyz', 'bin', 'application/octet-stream', 'Ymlu'],
    ['several parts', 'multipart/form-data; boundary=X', '--X--', 'multipart/form-data; boundary=X', 'LS1YLS0='],
  ])('of a body that is %s', (_, type, body, shown, expected) => {
    const value = read({ ...(type === undefined ? {} : { type }), body });
    expect(value.__ow_body).toEqual(expected);
    expect((value.__ow_headers as Record<string, unknown>)['content-type']).toBe(shown);
  });

  it('read relatives of JSON like JSON', () => {
    expect(read({ type: 'application/vnd.x+json', body: '{"a":1}' })).toMatchObject({ a: 1 });
  });

  it.each([
    ['application/json', '{"x":1}', 'eyJ4IjoxfQ=='],
    ['application/json', '{not json', 'e25vdCBqc29u'],
    [form, 'a=1', 'a=1'],
    ['text/plain', 'x', 'x'],
    ['application/octet-stream', 'bin', 'Ymlu'],
    [undefined, '', ''],
  ])('of a raw action: %s %s', (type, body, expected) => {
    const value = read({ rest: '?a=1&__ow_body=x', ...(type === undefined ? {} : { type }), body }, true, ['a']);
    expect(value.__ow_body).toBe(expected);
    expect(value.__ow_query).toBe('a=1&__ow_body=x');
    expect(Object.keys(value).filter((key) => !key.startsWith('__ow_'))).toEqual([]);
  });

  it.each([
    { rest: '?__ow_body=x' },
    { rest: '?__ow_method=x' },
    { rest: '?fixed=x' },
    { type: json, body: '{"__ow_user":"root"}' },
    { type: json, body: '{"fixed":null}' },
    { type: form, body: 'fixed=1' },
    { type: form, body: '__ow_headers=1' },
  ])('cannot be set from outside where reserved or final: %j', (given) => {
    expect(() => read(given, false, ['fixed'])).toThrow(
      expect.objectContaining({ status: 400, cors: true, message: messages.parametersNotAllowed }) as Error,
    );
  });

  it('are not made of malformed JSON', () => {
    expect(() => read({ type: json, body: '{' })).toThrow(
      expect.objectContaining({ status: 400, cors: false }) as Error,
    );
  });

  it('keep the digits of a JSON body', () => {
    const { text } = webArguments(request({ type: json, body: ' {"n":12345678901234567890} ' }), false, new Set());
    expect(text).toContain('"n":12345678901234567890');
  });

  it('cannot be smuggled in by __proto__', () => {
    const value = read({ rest: '?__proto__=x', type: json, body: '{"__proto__":{"__ow_user":"root"}}' });
    expect(value.__ow_user).toBeUndefined();
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
  });

  it('are what was sent, whatever it was, and never what is reserved', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(members, fc.dictionary(fc.string(), fc.string()), fc.boolean(), (body, query, isPretty) => {
        const text = JSON.stringify(body, undefined, isPretty ? 2 : undefined);
        const value = read({ rest: `?${new URLSearchParams(query).toString()}`, type: json, body: text });
        const sent = JSON.parse(JSON.stringify({ ...query, ...(JSON.parse(text) as object) })) as Record<
          string,
          unknown
        >;
        for (const key of ['__ow_method', '__ow_headers', '__ow_path']) delete value[key];
        expect(value).toEqual(sent);
      }),
    );
  });
});
