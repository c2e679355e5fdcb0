// The connection against a real server that answers byte by byte as told.
import { createServer, type Server, type Socket } from 'node:net';
import { ContainerConnection } from './container-connection';

type Outcome = { status: number; body: string; length: number } | { failed: string };

const post = (connection: ContainerConnection, body = '{}', timeoutMs = 5_000): Promise<Outcome> =>
  new Promise((resolve) => {
    connection.post('/run', body, timeoutMs, {
      replied: (status, bytes, length) => resolve({ status, body: bytes.toString(), length }),
      failed: (reason) => resolve({ failed: reason }),
    });
  });

describe('container connection', () => {
  let server: Server;
  let address: string;
  let answer: (socket: Socket, request: string) => void;
  let connections = 0;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      sockets.add(socket);
      let text = '';
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        text += chunk.toString();
        const head = text.indexOf('\r\n\r\n');
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (head === -1 || Buffer.byteLength(text.slice(head + 4)) < length) return;
        const request = text;
        text = '';
        answer(socket, request);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await new Promise((resolve) => server.close(resolve));
  });

  it('keeps apart what several connections read in turn', async () => {
    const waiting: (() => void)[] = [];
    answer = (socket, request) => {
      const letter = request.slice(-1);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n${letter.repeat(10_000)}`);
      waiting.push(() => socket.write(letter.repeat(30_000)));
      // Each gets its second part when all have sent their first.
      if (waiting.length === 3) setTimeout(() => waiting.splice(0).forEach((go) => go()), 20);
    };
    const connections = [0, 1, 2].map(() => new ContainerConnection(address, 50_000));
    for (let turn = 0; turn < 2; turn += 1) {
      const replies = await Promise.all(connections.map((one, at) => post(one, 'abc'[at]!)));
      expect(replies).toEqual(
        ['a', 'b', 'c'].map((letter) => ({ status: 200, body: letter.repeat(40_000), length: 40_000 })),
      );
    }
    for (const one of connections) one.close();
  });

  it('reads each head anew where it differs, and judges each request by its own limit', async () => {
    let count = 0;
    answer = (socket) => {
      count += 1;
      if (count === 3) return;
      socket.write(`HTTP/1.1 20${count} OK\r\nContent-Length: ${count}\r\n\r\n${'x'.repeat(count)}`);
    };
    const connection = new ContainerConnection(address, 100);
    expect(await post(connection, '{}', 60_000)).toEqual({ status: 201, body: 'x', length: 1 });
    expect(await post(connection, '{}', 60_000)).toEqual({ status: 202, body: 'xx', length: 2 });
    // The timer of the first is set for a minute.
    expect(await post(connection, '{}', 50)).toEqual({ failed: 'timeout' });
    connection.close();
  });

  it('keeps the connection, and counts unicode in bytes', async () => {
    const bodies: string[] = [];
    answer = (socket, request) => {
      bodies.push(request.slice(request.indexOf('\r\n\r\n') + 4));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"ü"');
    };
    const connection = new ContainerConnection(address, 100);
    expect(await post(connection, '{"a":"ü€"}')).toEqual({ status: 200, body: '"ü"', length: 4 });
    expect(await post(connection, '{}')).toEqual({ status: 200, body: '"ü"', length: 4 });
    expect(bodies).toEqual(['{"a":"ü€"}', '{}']);
    expect(connections).toBe(1);
    connection.close();
  });

  it('reads an answer that comes byte by byte', async () => {
    answer = (socket) => {
      const bytes = [...Buffer.from('HTTP/1.1 502 Bad\r\ncontent-length:  5\r\nX: y\r\n\r\nhello')];
      const next = (): void => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(Buffer.from([byte]), () => setImmediate(next));
      };
      next();
    };
    const connection = new ContainerConnection(address, 100);
    expect(await post(connection)).toEqual({ status: 502, body: 'hello', length: 5 });
    connection.close();
  });

  it('keeps at most as much of the body as it may, and stays in step', async () => {
    answer = (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`);
    const connection = new ContainerConnection(address, 10);
    expect(await post(connection)).toEqual({ status: 200, body: 'x'.repeat(10), length: 300_000 });
    expect(await post(connection)).toEqual({ status: 200, body: 'x'.repeat(10), length: 300_000 });
    expect(connections).toBe(1);
    connection.close();
  });

  it.each([
    ['lost', 'an end without an answer', (socket: Socket) => socket.destroy()],
    ['lost', 'an end in the middle', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe')],
    ['malformed', 'no Content-Length', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n{}')],
    ['malformed', 'no HTTP', (socket: Socket) => socket.write('nonsense\r\n\r\n')],
    [
      'malformed',
      'more than announced',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab'),
    ],
    ['timeout', 'silence', () => undefined],
  ])('says %s for %s', async (reason, _name, act) => {
    answer = act;
    const connection = new ContainerConnection(address, 100);
    expect(await post(connection, '{}', 100)).toEqual({ failed: reason });
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    // It opens a new connection for the next one.
    expect(await post(connection)).toEqual({ status: 200, body: '{}', length: 2 });
    connection.close();
  });

  it('says refused when nothing listens', async () => {
    const connection = new ContainerConnection('127.0.0.1:1', 100);
    expect(await post(connection)).toEqual({ failed: 'refused' });
  });

  it('fails what is under way as lost when it is closed', async () => {
    answer = () => undefined;
    const connection = new ContainerConnection(address, 100);
    const outcome = post(connection);
    await new Promise((resolve) => setImmediate(resolve));
    connection.close();
    expect(await outcome).toEqual({ failed: 'lost' });
  });
});
