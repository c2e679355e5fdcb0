// Posts to an agent over real sockets: what is kept, what is sent again, and when it is given up.
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentLine } from './agent-line';

const longMs = 30_000;
const done = 'HTTP/1.1 204 No Content\r\nKeep-Alive: timeout=600\r\n\r\n';

let server: Server;
let sockets: Socket[];
/** Whole requests by the number of their connection, in order of arrival. */
let heard: [connection: number, request: string][];
let answer: (socket: Socket, request: string, connection: number) => void;
let line: AgentLine;
let emptied: number;

async function start(connectionsMost = 16, prefix = ''): Promise<void> {
  server = createServer((socket) => {
    const connection = sockets.push(socket);
    let text = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      text += bytes.toString();
      const whole = /\r\n\r\n\{[^}]*\}$/.test(text);
      if (!whole) return;
      const request = text;
      text = '';
      heard.push([connection, request]);
      answer(socket, request, connection);
    });
  });
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}${prefix}`);
  line = new AgentLine(url, 'Bearer token', connectionsMost, () => (emptied += 1));
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(2);
};

beforeEach(() => {
  sockets = [];
  heard = [];
  emptied = 0;
  answer = (socket) => socket.write(done);
});
afterEach(async () => {
  line.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((closed) => server.close(closed));
});

it('says path, token and body, and answers the status', async () => {
  await start(16, '/agents/a/');
  expect(await line.post('/resume/c1', '{"sequence":3}', longMs)).toBe(204);
  const { port } = server.address() as AddressInfo;
  expect(heard).toEqual([
    [
      1,
      `POST /agents/a/resume/c1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer token\r\n` +
        'Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{"sequence":3}',
    ],
  ]);
});

it('keeps a connection after an answer without content, and only then', async () => {
  await start();
  const statuses: (number | undefined)[] = [];
  const answers = [
    done,
    done,
    'HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n{}',
    done,
    'HTTP/1.1 204 No Content\r\n\r\nmore',
    done,
  ];
  for (const text of answers) {
    answer = (socket) => socket.write(text);
    statuses.push(await line.post('/suspend/c1', '{}', longMs));
  }
  expect(statuses).toEqual([204, 204, 409, 204, 204, 204]);
  expect(heard.map(([connection]) => connection)).toEqual([1, 1, 1, 2, 2, 3]);
});

it('takes an answer that comes byte by byte', async () => {
  await start();
  answer = (socket) => {
    void (async () => {
      for (const byte of done) {
        socket.write(byte);
        await new Promise(setImmediate);
      }
    })();
  };
  expect(await line.post('/resume/c1', '{}', longMs)).toBe(204);
});

it.each(['SSH-2.0-other\r\n\r\n', `HTTP/1.1 204 No Content\r\nx: ${'y'.repeat(70_000)}`])(
  'takes what is no answer for none',
  async (text) => {
    await start();
    answer = (socket) => socket.write(text);
    expect(await line.post('/resume/c1', '{}', longMs)).toBeUndefined();
  },
);

it('sends once more what a kept connection lost, on a new one', async () => {
  await start();
  await line.post('/suspend/c1', '{"sequence":1}', longMs);
  answer = (socket, _request, connection) => (connection === 1 ? socket.destroy() : socket.write(done));
  expect(await line.post('/resume/c1', '{"sequence":2}', longMs)).toBe(204);
  expect(heard.map(([connection, request]) => [connection, request.slice(-14)])).toEqual([
    [1, '{"sequence":1}'],
    [1, '{"sequence":2}'],
    [2, '{"sequence":2}'],
  ]);
});

it('does not send again what a new connection lost', async () => {
  await start();
  answer = (socket) => socket.destroy();
  expect(await line.post('/resume/c1', '{}', longMs)).toBeUndefined();
  expect(heard).toHaveLength(1);
});

it('has no answer where nobody listens', async () => {
  await start();
  await new Promise((closed) => server.close(closed));
  expect(await line.post('/resume/c1', '{}', longMs)).toBeUndefined();
  await until(() => emptied > 0);
});

it('has at most so many connections, and what waits is served in order', async () => {
  await start(2);
  const held: Socket[] = [];
  answer = (socket) => void held.push(socket);
  const ended: number[] = [];
  const posts = [1, 2, 3, 4].map((number) =>
    line.post(`/resume/c${number}`, '{}', longMs).then(() => void ended.push(number)),
  );
  await until(() => held.length === 2);
  expect(sockets).toHaveLength(2);
  answer = (socket) => socket.write(done);
  for (const socket of held) socket.write(done);
  await Promise.all(posts);
  expect(sockets).toHaveLength(2);
  expect(heard.map(([, request]) => /c\d/.exec(request)![0]).slice(2)).toEqual(['c3', 'c4']);
});

it('gives up after its time, waiting or sent, and what was late is nobody else’s answer', async () => {
  await start(1);
  answer = () => undefined;
  const [sent, waiting] = [line.post('/resume/c1', '{}', 50), line.post('/resume/c2', '{}', 50)];
  expect(await Promise.all([sent, waiting])).toEqual([undefined, undefined]);
  answer = (socket) => socket.write('HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n');
  expect(await line.post('/resume/c3', '{}', longMs)).toBe(409);
  expect(heard.at(-1)![1]).toContain('/resume/c3');
});

it('forgets a connection that ended while it was free', async () => {
  await start();
  await line.post('/resume/c1', '{}', longMs);
  sockets[0]!.destroy();
  await until(() => emptied === 1);
  expect(await line.post('/resume/c1', '{}', longMs)).toBe(204);
  expect(sockets).toHaveLength(2);
});

it('ends what is under way when it is closed', async () => {
  await start(1);
  answer = () => undefined;
  const posts = [line.post('/resume/c1', '{}', longMs), line.post('/resume/c2', '{}', longMs)];
  await until(() => heard.length === 1);
  line.close();
  expect(await Promise.all(posts)).toEqual([undefined, undefined]);
  expect(await line.post('/resume/c1', '{}', longMs)).toBeUndefined();
});
