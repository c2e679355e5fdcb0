import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { ContainerConnection } from '#action-container';
import { bearerHeader, type ContainerAddresses } from '#protocol';
import { Tunnels } from './tunnels';

const token = 'the-agent-token-of-this-test';
const authorization = bearerHeader(token);
const limits = { tunnelsCount: 2, tunnelConnectMs: 1_000 };

describe('tunnels to containers', () => {
  let agent: Server;
  let container: Server;
  let tunnels: Tunnels;
  let requests: string[];
  const containers = new Map<string, ContainerAddresses>();
  const connections: ContainerConnection[] = [];

  const listen = (server: Server): Promise<string> =>
    new Promise((done) =>
      server.listen(0, '127.0.0.1', () => done(`127.0.0.1:${(server.address() as AddressInfo).port}`)),
    );
  const addressOf = (server: Server): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeEach(async () => {
    requests = [];
    container = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts).toString();
        requests.push(`${request.socket.remotePort} ${request.url} ${request.headers.authorization} ${body.length}`);
        response.end(body);
      });
    });
    container.keepAliveTimeout = 0;
    agent = createServer();
    containers.clear();
    containers.set('c1', { container: await listen(container) });
    tunnels = new Tunnels(token, (id) => containers.get(id), limits);
    tunnels.serve(agent);
    await listen(agent);
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close();
    tunnels.close();
    for (const server of [agent, container]) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  function through(containerId: string, header = authorization): ContainerConnection {
    const connection = new ContainerConnection(addressOf(agent), 1_000_000, { containerId, authorization: header });
    connections.push(connection);
    return connection;
  }

  const post = (connection: ContainerConnection, body: string): Promise<string> =>
    new Promise((resolve) =>
      connection.post('/run', body, 5_000, {
        replied: (status, bytes) => resolve(`${status} ${bytes.toString()}`),
        failed: resolve,
      }),
    );

  it('carry request after request on one connection, and the container never sees the token', async () => {
    const connection = through('c1');
    const large = JSON.stringify({ text: 'ü'.repeat(200_000) });
    expect(await post(connection, '{"a":1}')).toBe('200 {"a":1}');
    expect(await post(connection, large)).toBe(`200 ${large}`);
    const [first, second] = requests.map((line) => line.split(' '));
    expect(first).toEqual([expect.any(String), '/run', 'undefined', '7']);
    expect(second![0]).toBe(first![0]);
    expect(tunnels.count).toBe(1);
  });

  it.each([
    ['an unknown container', () => through('c2')],
    ['a wrong token', () => through('c1', bearerHeader('another'))],
    ['a container that does not listen', () => through('dead')],
  ])('do not exist to %s: nothing was sent', async (_what, open) => {
    containers.set('dead', { container: '127.0.0.1:1' });
    expect(await post(open(), '{}')).toBe('refused');
    expect(requests).toEqual([]);
    while (tunnels.count > 0) await new Promise(setImmediate);
  });

  it('are bounded, and free their place when they end', async () => {
    const [one, two, three] = [through('c1'), through('c1'), through('c1')];
    await post(one, '1');
    await post(two, '2');
    expect(await post(three, '3')).toBe('refused');
    one.close();
    while (tunnels.count === 2) await new Promise(setImmediate);
    expect(await post(three, '3')).toBe('200 3');
  });

  it('end with the container, which loses what was under way', async () => {
    const connection = through('c1');
    await post(connection, '1');
    container.removeAllListeners('request').on('request', () => container.closeAllConnections());
    expect(await post(connection, '2')).toBe('lost');
    while (tunnels.count > 0) await new Promise(setImmediate);
  });

  it('end at the container when the client goes away', async () => {
    const client: Socket = connect((agent.address() as AddressInfo).port, '127.0.0.1');
    client.write(`CONNECT c1 HTTP/1.1\r\nHost: c1\r\nAuthorization: ${authorization}\r\n\r\n`);
    await new Promise((done) => client.once('data', done));
    client.destroy();
    while (tunnels.count > 0) await new Promise(setImmediate);
    await new Promise<void>((done) => {
      const look = (): void =>
        void container.getConnections((_error, count) => (count === 0 ? done() : setImmediate(look)));
      look();
    });
  });
});
