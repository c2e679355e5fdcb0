// Web actions on the real thing: what goes over the wire, in whose name they run, and what nobody may see.
import { connect, type Socket } from 'node:net';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { rawRequest, type RawAnswer, type RawRequest } from '../support/raw-http';
import { until } from '../support/until';

const systemKey =
  '789c46b1-71f6-4ed5-8c54-816aa4f8c502:abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
const web = [{ key: 'web-export', value: true }];
const echo = 'function main(args) { return args }';
const answering = (result: unknown): string => `function main() { return ${JSON.stringify(result)} }`;

/** How long a client of this platform waits for a result. */
const waitMs = 1_500;
/** Invocations of one namespace at once. */
const atOnce = 5;

describe('web actions', () => {
  let platform: Platform;
  let guest: Guest;
  let system: Guest;
  beforeAll(async () => {
    const limits = {
      LIMIT_BLOCKING_WAIT_MS: String(waitMs),
      LIMIT_NAMESPACE_CONCURRENT_INVOCATIONS_COUNT: String(atOnce),
    };
    platform = await startPlatform({ env: { ...limits, WEB_DOMAIN: 'example.org' } });
    guest = new Guest(platform);
    system = new Guest({ apiHost: platform.apiHost, apiKey: systemKey });
  });
  afterAll(() => platform.stop());

  const put = (name: string, code: string, more: Parameters<Guest['putAction']>[2] = {}) =>
    guest.putAction(name, code, { annotations: web, ...more });
  const ask = (path: string, request: RawRequest = {}): Promise<RawAnswer> =>
    rawRequest(`${platform.apiHost}/api/v1/web/${path}`, request);
  const withoutIds = ({ status, headers, text }: RawAnswer) => ({
    status,
    headers: { ...headers, 'x-request-id': '', date: '' },
    text: text.replace(/"code": "\w+"/, ''),
  });

  const inFlight = async (): Promise<number> =>
    Number(/^hearth_invocations_in_flight (\d+)$/m.exec(await platform.metrics('controller'))?.[1]);

  /** Sends bytes on a connection of its own; `received` grows as they come back. */
  function wire(bytes: string): { socket: Socket; received: () => string; ended: Promise<void> } {
    const { hostname, port } = new URL(platform.apiHost);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.on('error', () => undefined); // close follows
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    return { socket, received: () => text, ended };
  }

  it('are called without credentials, and run as the owner of their namespace', async () => {
    await put(
      'whoami',
      'function main() { return { ns: process.env.__OW_NAMESPACE, key: process.env.__OW_API_KEY } }',
      {
        annotations: [...web, { key: 'provide-api-key', value: true }],
      },
    );
    const answer = await ask('guest/default/whoami.json', { headers: { authorization: system.authorization } });
    expect([answer.status, answer.json]).toEqual([200, { ns: 'guest', key: platform.apiKey }]);
    const record = await guest.record(String(answer.headers['x-openwhisk-activation-id']));
    expect(record).toMatchObject({ namespace: 'guest', name: 'whoami', subject: 'guest' });
    const theirs = await system.call('GET', `activations/${record.activationId}`);
    expect(theirs.status).toBe(404);
  });

  it('say nothing of what is not exported, not even that it is there', async () => {
    await guest.putAction('hidden', echo);
    await guest.putAction('unexported', echo, { annotations: [{ key: 'web-export', value: 'true' }] });
    const missing = withoutIds(await ask('guest/default/missing.json'));
    expect(missing.status).toBe(404);
    for (const path of ['guest/default/hidden.json', 'guest/default/unexported.json', 'nobody/default/hidden.json']) {
      for (const headers of [{}, { authorization: guest.authorization }] as Record<string, string>[]) {
        expect(withoutIds(await ask(path, { headers }))).toEqual(missing);
        expect((await ask(path, { method: 'OPTIONS', headers })).status).toBe(404);
      }
    }
    expect(withoutIds(await ask('guest/nosuchpackage/hidden.json'))).toEqual(missing);
  });

  it('follow what is written: exported, changed, not exported any more, gone', async () => {
    await guest.putAction('changing', answering({ body: 'one' }));
    expect((await ask('guest/default/changing')).status).toBe(404);
    await put('changing', answering({ body: 'two' }));
    expect((await ask('guest/default/changing')).text).toBe('two');
    await put('changing', answering({ body: 'three' }));
    expect((await ask('guest/default/changing')).text).toBe('three');
    await guest.putAction('changing', echo, { annotations: [{ key: 'web-export', value: false }] });
    expect((await ask('guest/default/changing')).status).toBe(404);
    await put('changing', answering({ body: 'four' }));
    expect((await guest.call('DELETE', 'actions/changing')).status).toBe(200);
    expect((await ask('guest/default/changing')).status).toBe(404);
  });

  it('are found in packages and through bindings, with the parameters of all', async () => {
    await guest.call('PUT', 'packages/kit?overwrite=true', {
      parameters: [{ key: 'a', value: 'package' }],
      publish: true,
    });
    await put('kit/echo', echo, { parameters: [{ key: 'c', value: 'action' }] });
    await system.call('PUT', 'packages/mine?overwrite=true', {
      binding: { namespace: 'guest', name: 'kit' },
      parameters: [{ key: 'b', value: 'binding' }],
    });
    expect((await ask('guest/kit/echo.json')).json).toMatchObject({ a: 'package', c: 'action' });
    const through = await ask('whisk.system/mine/echo.json?a=query');
    expect(through.json).toMatchObject({ a: 'query', b: 'binding', c: 'action' });
    // It ran in the name of the binding's owner.
    const id = String(through.headers['x-openwhisk-activation-id']);
    expect((await system.record(id)).namespace).toBe('whisk.system');
    expect((await guest.call('GET', `activations/${id}`)).status).toBe(404);
    // A package need not be shared to be called; but a binding of others leads nowhere once it is not.
    await guest.call('PUT', 'packages/kit?overwrite=true', { publish: false });
    expect((await ask('guest/kit/echo.json')).status).toBe(200);
    expect((await ask('whisk.system/mine/echo.json')).status).toBe(404);
  });

  it('may be sequences and conductors', async () => {
    await put('step', 'function main({ body = "", letter }) { return { body: body + letter, letter } }');
    const exec = { kind: 'sequence', components: ['/_/step', '/_/step'] };
    await guest.call('PUT', 'actions/steps?overwrite=true', { exec, annotations: web });
    const sequence = await ask('guest/default/steps?letter=x');
    expect([sequence.status, sequence.text]).toEqual([200, 'xx']);
    const id = String(sequence.headers['x-openwhisk-activation-id']);
    expect((await guest.record(id)).logs).toHaveLength(2);
    const conductor =
      'function main(a) { return a.done ? { params: a } : { action: "step", params: a, state: { done: true } } }';
    await put('conductor', conductor, { annotations: [...web, { key: 'conductor', value: true }] });
    const composed = await ask('guest/default/conductor.html?letter=y');
    expect([composed.status, composed.text]).toEqual([200, 'y']);
  });

  it('cannot be made to send more headers, or another body, than they say', async () => {
    const headers = {
      'X-Good': ['1', '2'],
      'X-Bad': 'a\r\nX-Injected: 1\r\n\r\n<script>',
      'X-Bad\r\nX-Injected': 'a',
      'X-Wide': '\u010d\u010aX-Injected: 1',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      Connection: 'upgrade',
      Trailer: 'X-Injected',
    };
    await put('headers', answering({ headers, body: 'whole body' }));
    const client = wire('GET /api/v1/web/guest/default/headers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await client.ended;
    const [head = '', body] = client.received().split('\r\n\r\n');
    expect(body).toBe('whole body');
    const names = head
      .split('\r\n')
      .slice(1)
      .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
    expect(names.filter((name) => name === 'x-good')).toHaveLength(2);
    expect(names.filter((name) => name === 'content-length')).toHaveLength(1);
    for (const name of ['x-bad', 'x-injected', 'transfer-encoding', 'trailer']) expect(names).not.toContain(name);
    expect(head).toMatch(/\r\ncontent-length: 10\r\n/i);
    expect(head).toMatch(/\r\nconnection: close(\r\n|$)/i);
  });

  it('answer HEAD like GET, without the body', async () => {
    await put('head', answering({ body: 'four and twenty', headers: { 'X-A': '1' } }));
    const [get, head] = [await ask('guest/default/head'), await ask('guest/default/head', { method: 'HEAD' })];
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers).toMatchObject({ 'x-a': '1', 'content-type': 'text/html; charset=UTF-8' });
  });

  it('take several requests on one connection, whatever their answers', async () => {
    await put('status', 'function main({ code, body }) { return { statusCode: +code, body } }');
    const requests = ['204&body=x', '200&body=two', '304', '404&body=four', '205&body=x']
      .map((query) => `GET /api/v1/web/guest/default/status?code=${query} HTTP/1.1\r\nHost: x\r\n`)
      .join('\r\n');
    const client = wire(`${requests}Connection: close\r\n\r\n`);
    await client.ended;
    const statuses = [...client.received().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['204', '200', '304', '404', '205']);
    expect(client.received()).toMatch(/two(?=HTTP)/);
    expect(client.received()).not.toMatch(/x(HTTP|$)/);
  });

  it('send bytes as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    await put('bytes', answering({ headers: { 'content-type': 'image/png' }, body: bytes.toString('base64') }));
    const client = wire('GET /api/v1/web/guest/default/bytes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await client.ended;
    expect(Buffer.from(client.received().split('\r\n\r\n').slice(1).join('\r\n\r\n'), 'latin1')).toEqual(bytes);
  });

  it('get bodies in every form that clients send', async () => {
    await put('body', echo);
    const chunked = wire(
      'POST /api/v1/web/guest/default/body.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    );
    await chunked.ended;
    const text = chunked.received();
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toMatchObject({ a: 1 });
    expect(text).not.toMatch(/transfer-encoding/);
  });

  it('refuse a huge body before it is sent, and go on', async () => {
    await put('body', echo);
    const announced = wire(
      'POST /api/v1/web/guest/default/body.json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 52428800\r\n\r\n',
    );
    await until('the refusal', () => announced.received().includes('Request larger than allowed: 52428800 > 1048576'));
    expect(announced.received()).toMatch(/^HTTP\/1\.1 413 /);
    announced.socket.destroy();
    const piece = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`;
    const unannounced = wire(
      `POST /api/v1/web/guest/default/body.json HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${piece.repeat(20)}`,
    );
    await until('the refusal', () => unannounced.received().includes('Request larger than allowed'));
    expect(unannounced.received()).toMatch(/^HTTP\/1\.1 413 /);
    unannounced.socket.destroy();
    expect((await ask('guest/default/body.json')).status).toBe(200);
  });

  it('do not wait for slow clients, nor charge their owners for them, and forget those that go away', async () => {
    await put('body', echo);
    const before = await inFlight();
    const slow = Array.from({ length: 50 }, () =>
      wire('POST /api/v1/web/guest/default/body.json HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx'),
    );
    await until('they are under way', async () => (await inFlight()) === before + slow.length);
    expect((await ask('guest/default/body.json?quick=1')).json).toMatchObject({ quick: '1' });
    for (const { socket } of slow) socket.destroy();
    await until('they are forgotten', async () => (await inFlight()) === before);
    expect(platform.output).not.toMatch(/unexpected error/);
  });

  it('count against the limits of their owner', async () => {
    await put('busy', 'function main() { return new Promise((done) => setTimeout(done, 1_000, {})) }');
    const answers = await Promise.all(Array.from({ length: atOnce + 1 }, () => ask('guest/default/busy')));
    const [refused, ...more] = answers.filter(({ status }) => status >= 300);
    expect([refused?.status, more.length]).toEqual([429, 0]);
    expect(refused!.json.error).toBe(`Too many concurrent requests in flight (count: ${atOnce}, allowed: ${atOnce}).`);
    expect((await ask('guest/default/nosuch')).status).toBe(404);
  });

  it('answer 202 with the id when the wait is over, and leave a record', async () => {
    await put(
      'slow',
      `function main() { return new Promise((done) => setTimeout(done, ${2 * waitMs}, { body: 'late' })) }`,
    );
    const answer = await ask('guest/default/slow');
    expect([answer.status, answer.json.error]).toEqual([202, 'Response not yet ready.']);
    const record = await guest.record(String(answer.headers['x-openwhisk-activation-id']));
    expect(record.response).toMatchObject({ status: 'success', result: { body: 'late' } });
  });

  it('leave a record when the client has gone', async () => {
    const count = (): Promise<number> => guest.recordCount('parting');
    await put('parting', 'function main() { return new Promise((done) => setTimeout(done, 1_000, {})) }');
    const before = await inFlight();
    const client = wire('GET /api/v1/web/guest/default/parting HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('it is under way', async () => (await inFlight()) === before + 1);
    client.socket.destroy();
    await until('the record', async () => (await count()) === 1);
  });

  it('have a host for each namespace', async () => {
    const visit = (path: string, host: string): Promise<RawAnswer> =>
      rawRequest(`${platform.apiHost}${path}`, { headers: { host } });
    await guest.call('PUT', 'packages/public?overwrite=true', {});
    await put('public/index', answering({ body: '<h1>home</h1>' }));
    expect((await visit('/', 'guest.example.org')).text).toBe('<h1>home</h1>');
    expect((await visit('/public/index.text', 'GUEST.example.org:80')).text).toBe('<h1>home</h1>');
    // The API is there as ever, and what is beside it is not.
    expect((await visit('/api/v1', 'guest.example.org')).json.description).toBe('OpenWhisk API');
    expect((await visit('/metrics', 'guest.example.org')).status).toBe(401);
    expect((await visit('/public/index.text', 'nobody.example.org')).status).toBe(404);
    expect((await visit('/public/index.text', 'example.org')).status).toBe(405);
  });

  it('are no way around a path', async () => {
    for (const path of [
      'guest/default',
      'guest/default/',
      'guest',
      '',
      'guest/../default/hidden',
      'guest/default/%2e%2e',
    ]) {
      const { status, text } = await ask(path);
      expect([401, 404]).toContain(status);
      expect(text).not.toContain('hidden');
    }
    expect((await ask(`guest/default/hidden.json?${'x'.repeat(9_000)}`)).status).toBe(414);
  });
});
