// One forwarded request against servers that answer, refuse, cut, hang or are not there; counted are the requests that reach them.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { ForwardCall, type ForwardOutcome } from './forward-call';

const activationId = '018bcfe5680070008000000000000000';
const record = `{"activationId":"${activationId}","response":{"result":{"a":1}}}`;
const answer = `{"activationId":"${activationId}","statusCode":0,"timedOut":false}\n${record}`;

describe('a forwarded call', () => {
  let server: Server;
  let pool: Pool;
  let requests = 0;
  let serve: (request: IncomingMessage, response: ServerResponse) => void;

  beforeEach(async () => {
    requests = 0;
    server = createServer((request, response) => {
      requests += 1;
      request.resume().on('end', () => serve(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 1, pipelining: 1 });
  });
  afterEach(async () => {
    await pool.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function call(timeoutMs = 5_000, through = pool): Promise<ForwardOutcome> {
    return new Promise((resolve) => {
      const handler = new ForwardCall(activationId, timeoutMs, resolve);
      through.dispatch({ path: '/forward', method: 'POST', body: 'x' }, handler);
    });
  }

  it('is kept when the whole answer came, on a connection that is used again', async () => {
    const ports = new Set<number>();
    serve = (request, response) => {
      ports.add(request.socket.remotePort!);
      response.end(answer);
    };
    for (let i = 0; i < 3; i++) {
      const { end, activation } = await call();
      expect([end, activation?.outcome.result, activation?.record]).toEqual(['kept', '{"a":1}', record]);
    }
    expect([requests, ports.size]).toEqual([3, 1]);
  });

  it('is refused when the other side says so', async () => {
    serve = (_, response) => response.writeHead(421).end('no');
    expect(await call()).toMatchObject({ end: 'refused', why: 'status 421' });
  });

  it('is lost when the connection ends after the request was written, and is not written again', async () => {
    serve = (request) => request.socket.destroy();
    expect((await call()).end).toBe('lost');
    serve = (_, response) => {
      response.writeHead(200, { 'content-length': answer.length }).write(answer.slice(0, 60));
      setImmediate(() => response.destroy());
    };
    expect((await call()).end).toBe('lost');
    expect(requests).toBe(2);
  });

  it('is lost when no answer comes in time, and ends its connection', async () => {
    let isClosed: Promise<unknown> = Promise.resolve();
    serve = (request) => {
      isClosed = new Promise((resolve) => request.socket.once('close', resolve));
    };
    expect(await call(50)).toMatchObject({ end: 'lost', why: 'no answer in 50 ms' });
    await isClosed;
    expect(requests).toBe(1);
  });

  it('is refused where nobody listens', async () => {
    server.close();
    expect(await call()).toMatchObject({ end: 'refused', why: expect.stringContaining('ECONNREFUSED') });
  });

  it('is refused when no connection comes in time, and is not written when one comes later', async () => {
    serve = (_, response) => setTimeout(() => response.end(answer), 200);
    const first = call();
    // The only connection is busy: this one is over before its turn comes.
    const second = call(50);
    expect(await second).toMatchObject({ end: 'refused', why: 'no answer in 50 ms' });
    expect((await first).end).toBe('kept');
    serve = (_, response) => response.end(answer);
    expect((await call()).end).toBe('kept');
    expect(requests).toBe(2);
  });
});
