import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { defaultLimits } from '#limits';
import { ApiForwarder } from './api-forwarder';

describe('the API on the containers’ gateway', () => {
  let api: Server;
  let forwarder: ApiForwarder | undefined;
  beforeEach(async () => {
    api = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((done) => api.listen(0, '127.0.0.1', done));
  });
  afterEach(async () => {
    await forwarder?.close();
    await new Promise((done) => api.close(done));
  });

  /** What comes back of `hello` from a caller at 127.0.0.1. */
  async function echoed(port: number, subnet: string, limits = defaultLimits): Promise<string> {
    const to = { host: '127.0.0.1', port: (api.address() as AddressInfo).port };
    forwarder = await ApiForwarder.start({ host: '127.0.0.1', port }, to, subnet, limits);
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('hello'));
      socket.on('data', (chunk) => {
        text += chunk.toString();
        socket.destroy();
      });
      socket.on('error', () => undefined); // followed by close
      socket.on('close', () => resolve(text));
    });
  }

  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    return port;
  }

  it('passes on what a container says, and what it is answered', async () => {
    expect(await echoed(await freePort(), '127.0.0.0/29')).toBe('hello');
  });

  it('closes what is too much, and what says nothing for long', async () => {
    const port = await freePort();
    const limits = { ...defaultLimits, apiForwarderConnectionsCount: 1, apiForwarderIdleMs: 300 };
    expect(await echoed(port, '127.0.0.0/29', limits)).toBe('hello');
    const [first, second] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    const ends = [first, second].map(
      (socket) => new Promise<number>((done) => socket.once('close', () => done(performance.now()))),
    );
    const from = performance.now();
    const [tooMany, idle] = (await Promise.all(ends)).sort((a, b) => a - b);
    expect(tooMany! - from).toBeLessThan(200);
    expect(idle! - from).toBeGreaterThan(200);
  });

  it('serves nobody else, whatever route led here', async () => {
    expect(await echoed(await freePort(), '10.189.0.0/22')).toBe('');
  });
});
