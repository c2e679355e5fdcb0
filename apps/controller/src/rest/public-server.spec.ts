import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { defaultLimits } from '#limits';
import type { Exchange } from './exchange';
import { HttpExchange } from './http-exchange';
import { isInvocation } from './invoke-head';
import { PublicServer } from './public-server';
import { HttpWebExchange, type WebExchange } from './web/web-exchange';
import { webTarget } from './web/web-path';
import type { WebResponse } from './web/web-response';

const path = '/api/v1/namespaces/_/actions/hello';
const post = (body = '', ...fields: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`, ...fields, '', body].join('\r\n');

const webPath = '/api/v1/web/guest/default/page';

/** `/status` says which; bytes beyond ASCII come back as they are. */
function response(path: string, body: Buffer): WebResponse {
  const status = Number(path.slice(1) || 200);
  return { status, headers: ['x-a', '1', 'x-a', 'gr\xfc\xdfe', 'content-type', 'image/png'], body };
}

/** One client connection, and what came back on it. */
class Client {
  received = '';
  isClosed = false;
  private wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.received += text;
      this.wake();
    });
    socket.on('error', () => undefined); // followed by close
    socket.on('close', () => {
      this.isClosed = true;
      this.wake();
    });
  }

  static open(port: number): Promise<Client> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Client(socket)));
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  bodies(): string[] {
    return [...this.received.matchAll(/\r\n\r\n([^]*?)(?=HTTP\/1\.1|$)/g)].map(([, body]) => body!);
  }
}

describe('the public server', () => {
  let server: Server;
  let front: PublicServer;
  let exchanges: Exchange[];
  let direct: number;
  let ends: boolean[];
  let answer: (exchange: Exchange, body: string) => void;
  let takes: ((exchange: Exchange) => void) | undefined;
  const clients: Client[] = [];
  const limits = { ...defaultLimits };

  beforeEach(async () => {
    exchanges = [];
    ends = [];
    direct = 0;
    takes = undefined;
    answer = (exchange, body) => exchange.activation(200, 'txn', 'id', body);
    const take = (exchange: Exchange): void => {
      exchanges.push(exchange);
      if (takes) return takes(exchange);
      if (!(exchange instanceof HttpExchange)) direct += 1;
      exchange.over = { exchangeOver: (isAnswered) => void ends.push(isAnswered) };
      exchange.readBody(limits.payloadBytes, {
        bodyRead: (error, body) => answer(exchange, error ? error.message : `${body.toString('utf8')}!`),
      });
    };
    const invocations = {
      take,
      handle: (...[request, response]: Parameters<typeof fallback>) => {
        if (!isInvocation(request.method, request.url)) return false;
        take(new HttpExchange(request, response));
        return true;
      },
    };
    const serve = (exchange: WebExchange): void => {
      if (!(exchange instanceof HttpWebExchange)) direct += 1;
      exchange.over = { exchangeOver: (isAnswered) => void ends.push(isAnswered) };
      exchange.readBody(limits.payloadBytes, {
        bodyRead: (_, body) => exchange.respond(response(exchange.head.target.path, body)),
      });
    };
    const web = {
      take: serve,
      handle: (...[request, answer]: Parameters<typeof fallback>) => {
        const target = webTarget(request.url ?? '');
        if (target) serve(new HttpWebExchange(request, answer, target));
        return target !== undefined;
      },
    };
    const fallback = (
      request: ConstructorParameters<typeof HttpExchange>[0],
      response: ConstructorParameters<typeof HttpExchange>[1],
    ) => {
      request.resume().on('end', () => response.end(`nest ${request.method}`));
    };
    front = new PublicServer(invocations, web, [], limits, systemClock);
    server = front.create(fallback);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.destroy();
    front.close();
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  });

  async function client(): Promise<Client> {
    const opened = await Client.open((server.address() as AddressInfo).port);
    clients.push(opened);
    return opened;
  }

  it('answers plain invocations on the connection, one after the other', async () => {
    const one = await client();
    one.socket.write(post('{"a":1}'));
    await one.until(() => one.received.endsWith('{"a":1}!'));
    expect(one.received).toMatch(/^HTTP\/1\.1 200 OK\r\nx-request-id: txn\r\nx-openwhisk-activation-id: id\r\n/);
    expect(one.received).toMatch(
      /\r\ncontent-length: 8\r\ndate: .* GMT\r\nconnection: keep-alive\r\nkeep-alive: timeout=70\r\n/,
    );
    one.socket.write(post('"grüße"'));
    await one.until(() => one.received.endsWith('"grüße"!'));
    expect(direct).toBe(2);
    expect(ends).toEqual([true, true]);
  });

  it('answers as node:http does', async () => {
    const [plain, chunked] = [await client(), await client()];
    plain.socket.write(post('{}', 'Connection: close'));
    chunked.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    );
    await plain.until(() => plain.isClosed);
    await chunked.until(() => chunked.isClosed);
    expect(direct).toBe(1);
    const fields = ({ received }: Client) =>
      received
        .replace(/date: .*\r\n/i, '')
        .toLowerCase()
        .split('\r\n')
        .sort();
    expect(fields(plain)).toEqual(fields(chunked));
  });

  it.each([
    ['GET', '', ''],
    ['POST', '', 'body \x80\xff'],
    ['POST', '/404', ''],
    ['GET', '/204', ''],
    ['GET', '/304', ''],
    ['POST', '/205', ''],
  ])('answers calls of web actions as node:http does: %s %s', async (method, status, body) => {
    const [plain, other] = [await client(), await client()];
    plain.socket.setEncoding('latin1');
    other.socket.setEncoding('latin1');
    const head = (...fields: string[]): string =>
      [
        `${method} ${webPath}${status}?x HTTP/1.1`,
        'Host: x',
        'Connection: close',
        ...fields,
        `Content-Length: ${body.length}`,
        '',
        '',
      ].join('\r\n');
    plain.socket.write(head() + body, 'latin1');
    other.socket.write(head('A: 1', 'A: 2') + body, 'latin1');
    await plain.until(() => plain.isClosed);
    await other.until(() => other.isClosed);
    expect(direct).toBe(1);
    expect(ends).toEqual([true, true]);
    const [fields, ...bodies] = plain.received.split('\r\n\r\n');
    const [otherFields, ...otherBodies] = other.received.split('\r\n\r\n');
    const sorted = (text = ''): string[] =>
      text
        .replace(/date: .*\r\n/i, '')
        .toLowerCase()
        .split('\r\n')
        .sort();
    expect(sorted(fields)).toEqual(sorted(otherFields));
    expect(bodies).toEqual([body]);
    expect(otherBodies).toEqual([body]);
  });

  it('goes from one sort to another on one connection', async () => {
    const one = await client();
    one.socket.write(
      `GET ${webPath} HTTP/1.1\r\nHost: x\r\n\r\n${post('1')}GET ${webPath} HTTP/1.1\r\nHost: x\r\n\r\n${post('2')}`,
    );
    await one.until(() => one.received.endsWith('2!'));
    expect(one.bodies()).toEqual(['', '1!', '', '2!']);
    expect(direct).toBe(4);
  });

  it('takes requests that come together in their order', async () => {
    const later: (() => void)[] = [];
    answer = (exchange, body) => void later.push(() => exchange.activation(200, 'txn', 'id', body));
    const one = await client();
    one.socket.write(post('1') + post('2') + post('3'));
    for (const count of [1, 2, 3]) {
      while (later.length < count) await new Promise(setImmediate);
      expect(exchanges).toHaveLength(count);
      later[count - 1]!();
      await one.until(() => one.bodies().length === count);
    }
    expect(one.bodies()).toEqual(['1!', '2!', '3!']);
  });

  it('keeps what came on one connection while others read', async () => {
    const waiting: (() => void)[] = [];
    answer = (exchange, body) => void waiting.push(() => exchange.activation(200, 'txn', 'id', body));
    const bodies = Array.from({ length: 8 }, (_, at) => String(at).repeat(1_000));
    const all = await Promise.all(bodies.map(() => client()));
    for (const [at, { socket }] of all.entries()) {
      // The next request comes too early, and waits; the last one is node:http's.
      const next =
        at === 7
          ? post(bodies[at]).replace(' HTTP/1.1', '?x=1 HTTP/1.1').replace('Host: x', 'Host: x\r\nExpect: 100-continue')
          : post(bodies[at]);
      socket.write(post(bodies[at]) + next);
      while (waiting.length <= at) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    for (const told of waiting.splice(0)) told();
    while (waiting.length < 8) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const told of waiting.splice(0)) told();
    for (const [at, each] of all.entries()) {
      await each.until(() => each.received.split(`${bodies[at]}!`).length === 3);
    }
  });

  it('keeps a body that is read late', async () => {
    const late: { exchange: Exchange; read: () => void }[] = [];
    takes = (exchange) => {
      const read = (): void =>
        exchange.readBody(limits.payloadBytes, {
          bodyRead: (_, body) => exchange.activation(200, 'txn', 'id', body.toString('utf8')),
        });
      late.push({ exchange, read });
    };
    const [one, two] = [await client(), await client()];
    one.socket.write(post('"of the one"'));
    while (late.length < 1) await new Promise((resolve) => setTimeout(resolve, 2));
    two.socket.write(post('"of the two"'));
    while (late.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const { read } of late) read();
    await one.until(() => one.received.endsWith('"of the one"'));
    await two.until(() => two.received.endsWith('"of the two"'));
    expect(late.some(({ exchange }) => exchange instanceof HttpExchange)).toBe(false);
  });

  it('leaves everything else to node:http, also behind an invocation and in pieces', async () => {
    const one = await client();
    one.socket.write(`${post('1')}GET /x HTTP/1.1\r\nHo`);
    await one.until(() => one.received.endsWith('1!'));
    one.socket.write('st: x\r\n\r\n');
    await one.until(() => one.received.endsWith('nest GET'));
    one.socket.write(post('2'));
    await one.until(() => one.received.endsWith('2!'));
    expect(direct).toBe(1);
    expect(exchanges).toHaveLength(2);
  });

  it('reads a body that comes later', async () => {
    const body = 'x'.repeat(200_000);
    const one = await client();
    one.socket.write(post(body));
    await one.until(() => one.received.endsWith(`${body}!`));
    expect(exchanges).toHaveLength(1);
  });

  it('answers nonsense with 400', async () => {
    const one = await client();
    one.socket.write(post('{}').replace('Host: x', 'Host x'));
    await one.until(() => one.isClosed);
    expect(one.received).toMatch(/^HTTP\/1\.1 400 /);
    expect(exchanges).toEqual([]);
  });

  it('tells once that a client went away, and answers nobody', async () => {
    answer = () => undefined;
    const one = await client();
    one.socket.write(post('{}'));
    while (exchanges.length === 0) await new Promise(setImmediate);
    one.socket.destroy();
    while (ends.length === 0) await new Promise(setImmediate);
    exchanges[0]!.activation(200, 'txn', 'id', '{}');
    expect(ends).toEqual([false]);
  });

  it('reads nothing more from a client that does not read its answers', async () => {
    const large = 'y'.repeat(8_000_000);
    answer = (exchange) => exchange.activation(200, 'txn', 'id', large);
    const one = await client();
    one.socket.pause();
    one.socket.write(post('1') + post('2') + post('3'));
    while (exchanges.length === 0) await new Promise(setImmediate);
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    expect(exchanges).toHaveLength(1);
    one.socket.resume();
    await one.until(() => one.received.length > 3 * large.length);
    expect(ends).toEqual([true, true, true]);
  });

  it('takes what waits at its listener before it ends that: the system would reset it', async () => {
    const { port } = server.address() as AddressInfo;
    const directory = mkdtempSync(join(tmpdir(), 'hearth-listener-'));
    const connected = join(directory, 'connected');
    const script = `
      const socket = require('node:net').connect(${port}, '127.0.0.1', () => {
        require('node:fs').writeFileSync(${JSON.stringify(connected)}, '');
      });
      socket.write(${JSON.stringify(post('"late"'))});
      socket.pipe(process.stderr);
      socket.on('error', (error) => { process.stderr.write(error.message); });
    `;
    const caller = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
    let answered = '';
    caller.stderr.on('data', (text: Buffer) => (answered += text.toString()));
    const ended = new Promise((done) => caller.once('close', done));
    // This process stands still until the system has accepted the connection for it.
    while (!existsSync(connected)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    await front.retire();
    expect(server.listening).toBe(false);
    await ended;
    expect(answered).toContain('"late"!');
    rmSync(directory, { recursive: true });
  });

  it('ends each connection with its next answer once it is retired', async () => {
    const one = await client();
    one.socket.write(post('1'));
    await one.until(() => one.received.endsWith('1!'));
    await front.retire();
    one.socket.write(post('2'));
    await one.until(() => one.isClosed);
    expect(one.received).toMatch(/\r\nconnection: close\r\n\r\n2!$/);
  });

  it('closes idle connections when it closes', async () => {
    const one = await client();
    one.socket.write(post('1'));
    await one.until(() => one.received.endsWith('1!'));
    front.close();
    await one.until(() => one.isClosed);
  });

  it('closes connections on which nothing comes', async () => {
    const { port } = server.address() as AddressInfo;
    const impatient = new PublicServer(
      { take: (exchange) => exchange.activation(200, 'txn', 'id', '{}'), handle: () => false },
      { take: () => undefined, handle: () => false },
      [],
      { ...limits, requestTimeoutMs: 100, idleConnectionMs: 100 },
      systemClock,
    );
    await new Promise((done) => server.close(done));
    server = impatient.create(() => undefined);
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    const [silent, served] = [await client(), await client()];
    served.socket.write(post('1'));
    await served.until(() => served.received.endsWith('{}'));
    await silent.until(() => silent.isClosed);
    await served.until(() => served.isClosed);
  });
});
