// A connection that a server accepted and that reads into the shared buffer: what it hands on, how it stops, and that its server still counts it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { readShared } from './shared-reads';

describe('a connection that reads into the shared buffer', () => {
  let server: Server;
  let client: Socket;
  let accepted: Socket;

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const came = once(server, 'connection');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined); // followed by close
    [accepted] = (await came) as [Socket];
  });
  afterEach(async () => {
    client.destroy();
    accepted.destroy();
    if (server.listening) await new Promise((done) => server.close(done));
  });

  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

  it('is to be had with this version of Node, and hands on all that comes, in order', async () => {
    const sent = Array.from({ length: 300_000 }, (_, at) => String.fromCharCode(97 + (at % 26))).join('');
    let received = '';
    const socket = readShared(accepted, (bytes) => {
      received += bytes.toString('latin1');
      return true;
    })!;
    expect(socket).toBeInstanceOf(Socket);
    socket.resume();
    client.end(sent);
    await once(socket, 'end');
    expect(received).toBe(sent);
    // Half open, as it was accepted.
    const answered = once(client, 'data');
    socket.end('and back');
    expect(String(await answered)).toBe('and back');
  });

  it('reads no more while it is paused, or after a no, until it is resumed', async () => {
    const received: string[] = [];
    let isFull = false;
    const socket = readShared(accepted, (bytes) => {
      received.push(bytes.toString('latin1'));
      return !isFull;
    })!;
    socket.resume();
    const next = async (count: number): Promise<void> => {
      while (received.join('').length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    client.write('a');
    await next(1);
    socket.pause();
    await new Promise((resolve) => client.write('b', resolve));
    // What the system has for it would have been read long ago.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received.join('')).toBe('a');
    isFull = true;
    socket.resume();
    await next(2);
    isFull = false;
    socket.pause();
    client.write('c');
    socket.resume();
    await next(3);
    expect(received.join('')).toBe('abc');
    socket.destroy();
  });

  it('counts at its server until it is closed', async () => {
    const socket = readShared(accepted, () => true)!;
    socket.on('error', () => undefined); // followed by close
    expect(await connections()).toBe(1);
    const closed = new Promise((done) => server.close(done));
    expect(accepted.destroyed).toBe(false);
    socket.destroy();
    await closed;
    expect(accepted.destroyed).toBe(true);
  });

  it.each([
    ['has no handle of the kind', { _handle: {} }],
    ['has none at all', { _handle: null }],
  ])('is left as it was where it %s', (_, parts) => {
    const other = Object.assign(new Socket(), parts);
    expect(readShared(other, () => true)).toBeUndefined();
    expect((other as unknown as { _handle: unknown })._handle).toEqual(parts._handle);
  });
});
