import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { readDirectHead } from './direct-head';

const url = '/api/v1/namespaces/_/actions/hello?blocking=true';
const page = '/api/v1/web/guest/default/page.html?x=%20';
const lines = (...more: string[]): string => [`POST ${url} HTTP/1.1`, 'Host: x', ...more, '', ''].join('\r\n');
const read = (text: string, max = 16_384) => readDirectHead(Buffer.from(text, 'latin1'), max);

describe('the head of a plain invocation', () => {
  it('is read', () => {
    const found = read(lines('Content-Type:application/json ', 'content-length: 2', 'X-Request-Id: \t a b') + '{}')!;
    expect(found.head.url).toBe(url);
    expect(found.head.headers).toEqual({
      host: 'x',
      'content-type': 'application/json',
      'content-length': '2',
      'x-request-id': 'a b',
    });
    expect(found.bodyBytes).toBe(2);
    expect(found.keepsAlive).toBe(true);
    expect(found.bytes.toString()).toMatch(/a b\r\n\r\n$/);
  });

  it('may say that its connection closes, and may have no body', () => {
    expect(read(lines('Connection: Close'))).toMatchObject({ keepsAlive: false, bodyBytes: 0 });
  });

  it.each(['GET', 'POST'])('may be that of a call of a web action by %s', (method) => {
    const found = read(`${method} /api/v1/web/guest/default/page.json/a?b HTTP/1.1\r\nHost: x\r\nCookie: c=1\r\n\r\n`);
    expect(found).toMatchObject({
      bodyBytes: 0,
      head: { method, headers: { host: 'x', cookie: 'c=1' }, target: { extension: '.json', path: '/a', query: 'b' } },
    });
  });

  it.each(['HEAD', 'PUT', 'get'])('is none of a call of a web action by %s', (method) => {
    expect(read(`${method} /api/v1/web/guest/default/page HTTP/1.1\r\nHost: x\r\n\r\n`)).toBeUndefined();
  });

  it.each([
    ['half of a head', lines().slice(0, -2)],
    ['another method', lines().replace('POST', 'PUT ')],
    ['GET', lines().replace('POST', 'GET')],
    ['a path that is no web action’s', lines().replace(url, '/api/v1/web/guest')],
    ['another route', lines().replace('/actions/', '/triggers/')],
    ['HTTP/1.0', lines().replace('HTTP/1.1', 'HTTP/1.0')],
    ['no host', lines().replace('Host', 'Hos')],
    ['chunks', lines('Transfer-Encoding: chunked')],
    ['an expectation', lines('Expect: 100-continue')],
    ['an upgrade', lines('Connection: upgrade', 'Upgrade: h2c')],
    ['two lengths', lines('Content-Length: 2', 'content-length: 2')],
    ['a length that is none', lines('Content-Length: +2')],
    ['a name with a space before its colon', lines('Content-Length : 2')],
    ['a folded line', lines('A: b', ' c')],
    ['a bare line feed', lines('A: b\nContent-Length: 2')],
    ['a zero byte', lines('A: b\0')],
    ['bytes beyond ASCII', lines('A: \xe4')],
    ['a name that is no token', lines('A(b): c')],
    ['a prototype', lines('__proto__: c')],
    ['a space in the path', lines().replace('hello', 'hel lo')],
  ])('is none with %s', (_what, text) => expect(read(text)).toBeUndefined());

  it('is none beyond the bound', () => expect(read(lines(`A: ${'b'.repeat(100)}`), 100)).toBeUndefined());
});

describe('what is read directly', () => {
  let seen: { url: string | undefined; headers: IncomingHttpHeaders } | undefined;
  const server = createServer((request, response) => {
    seen = { url: request.url, headers: request.headers };
    response.end();
  });
  beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
  afterAll(() => new Promise((done) => server.close(done)));

  async function asNodeReads(bytes: Buffer): Promise<typeof seen> {
    seen = undefined;
    await new Promise<void>((done) => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => undefined); // followed by close
      socket.on('close', () => done());
      socket.resume();
    });
    return seen;
  }

  const piece = fc.constantFrom(' ', '\t', ':', '\r', '\n', '\r\n', '\0', 'a', 'chunked', ',', '2', '\xff', '-', ';');
  const name = fc.oneof(
    fc.constantFrom('Host', 'Content-Length', 'Connection', 'Authorization', 'Accept', 'Cookie', 'X-A'),
    fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,8}$/),
    fc.array(piece, { maxLength: 4 }).map((parts) => parts.join('')),
  );
  const value = fc.oneof(
    fc.constantFrom('x', '0', '2', 'close', 'keep-alive', 'Basic abc=', '*/*'),
    fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
  );
  const separator = fc.constantFrom(': ', ':', ' :', ':\t ');
  const field = fc.tuple(name, separator, value).map((parts) => parts.join(''));

  it('is what node:http reads, whatever comes', async () => {
    let understood = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(field, { maxLength: 5 }), fc.boolean(), async (fields, isWeb) => {
        const bytes = Buffer.from(
          isWeb ? lines(...fields).replace(`POST ${url}`, `GET ${page}`) : lines(...fields),
          'latin1',
        );
        const found = readDirectHead(bytes, 16_384);
        if (found === undefined || found.bodyBytes > 0) return;
        understood += 1;
        const node = await asNodeReads(bytes);
        expect({ ...node?.headers }).toEqual({ ...found.head.headers });
        expect(node?.url).toBe(found.head.url);
      }),
      { numRuns: 500 },
    );
    expect(understood).toBeGreaterThan(50);
  });
});
