import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { HttpConnection, type NoAnswer, readAnswer } from './http-connection';

const http = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));

describe('an answer', () => {
  it.each([
    ['by its length', 'HTTP/1.1 200 OK\nContent-Length: 4\n\nbody', 'body'],
    ['in chunks', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nbod\n1;x=y\ny\n0\n\n', 'body'],
    ['after an interim one', 'HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\ncontent-length: 4\n\nbody', 'body'],
    ['without a body', 'HTTP/1.1 204 No Content\n\n', ''],
    ['with more bytes than characters', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nä', 'ä'],
  ])('is read %s, and in any pieces', (_, text, body) => {
    const bytes = http(text);
    for (let at = 0; at < bytes.length; at += 1) expect(readAnswer(bytes.subarray(0, at))).toBeUndefined();
    expect(readAnswer(bytes)).toMatchObject({ body, end: bytes.length });
  });

  it('says whether the connection ends with it', () => {
    expect(readAnswer(http('HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n'))!.closes).toBe(true);
    expect(readAnswer(http('HTTP/1.0 200 OK\nContent-Length: 0\n\n'))!.closes).toBe(true);
    expect(readAnswer(http('HTTP/1.1 200 OK\nContent-Length: 0\n\n'))!.closes).toBe(false);
  });

  it.each(['SSH-2.0\n\n', 'HTTP/1.1 200 OK\n\n', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nno size\n'])(
    'is refused as %j',
    (text) => {
      expect(() => readAnswer(http(text))).toThrow();
    },
  );
});

describe('a connection', () => {
  let server: Server;
  let onData: (socket: Socket, n: number) => void;
  let requests = 0;
  let sockets = 0;

  beforeAll(async () => {
    server = createServer((socket) => {
      sockets += 1;
      socket.on('error', () => socket.destroy());
      socket.on('data', () => onData(socket, (requests += 1)));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(() => new Promise((done) => server.close(done)));

  const ask = (connection: HttpConnection): Promise<string> =>
    new Promise((done) =>
      connection.send('GET / HTTP/1.1\r\n\r\n', {
        answered: (status, body) => done(`${status} ${body}`),
        failed: (reason: NoAnswer) => done(reason),
      }),
    );
  const connection = (): HttpConnection => {
    const { port } = server.address() as AddressInfo;
    return new HttpConnection({ host: '127.0.0.1', port, isTls: false, isInsecure: false }, () => undefined);
  };

  it('is kept, and opened anew when the other side has ended it', async () => {
    const one = connection();
    onData = (socket) => socket.write(http('HTTP/1.1 200 OK\nContent-Length: 2\n\nok'));
    const before = sockets;
    expect([await ask(one), await ask(one)]).toEqual(['200 ok', '200 ok']);
    expect(sockets - before).toBe(1);
    onData = (socket) => socket.end(http('HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nok'));
    expect([await ask(one), await ask(one)]).toEqual(['200 ok', '200 ok']);
    one.close();
  });

  it('says why there is no answer, and sends nothing twice', async () => {
    const one = connection();
    const before = requests;
    onData = (socket) => socket.destroy();
    expect(await ask(one)).toBe('disconnected');
    expect(requests - before).toBe(1);
    onData = (socket) => socket.write('what\r\n\r\n');
    expect(await ask(one)).toBe('malformed');
    const nobody = new HttpConnection({ host: '127.0.0.1', port: 1, isTls: false, isInsecure: false }, () => undefined);
    expect(await ask(nobody)).toBe('unreachable');
    one.close();
  });
});
