// What comes of a command to an agent, over real HTTP.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentClient, type AgentCommand, createdSchema } from './agent-client';

let server: Server;
let url: string;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
/** Method and path of each request, in order. */
let heard: string[];
let connections = 0;
let client: AgentClient;

beforeEach(async () => {
  heard = [];
  connections = 0;
  server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => answer(request, response, body));
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new AgentClient('token', 7n, 1);
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const removal: AgentCommand<undefined> = {
  method: 'DELETE',
  path: '/containers/c1',
  body: { reason: 'drained' },
  timeoutMs: 10_000,
  answer: undefined,
};
const creation = {
  method: 'POST',
  path: '/containers',
  body: { id: 'c1' },
  timeoutMs: 10_000,
  answer: createdSchema,
} as const;

it('says the token, the epoch and the content, and reads the answer', async () => {
  let said: unknown;
  answer = ({ headers }, response, body) => {
    said = [headers.authorization, headers['x-hearth-epoch'], headers['content-type'], body];
    response.writeHead(201).end('{"id":"c1","addresses":{"container":"10.0.0.1:8080"}}');
  };
  const value = { id: 'c1', addresses: { container: '10.0.0.1:8080' } };
  expect(await client.send(url, creation)).toEqual({ value });
  expect(said).toEqual(['Bearer token', '7', 'application/json', '{"id":"c1"}']);
});

it('keeps its connection from one command to the next', async () => {
  answer = (_request, response) => response.writeHead(204).end();
  for (let turn = 0; turn < 5; turn += 1) expect(await client.send(url, removal)).toEqual({ value: undefined });
  expect(connections).toBe(1);
});

it('hands on what the agent refuses', async () => {
  answer = (_request, response) =>
    response.writeHead(409).end('{"error":"it is older","code":"stale-epoch","epoch":"9"}');
  const failure = { code: 'stale-epoch', text: 'it is older', epoch: 9n };
  expect(await client.send(url, removal)).toEqual({ failure });
});

it.each([
  ['text', 'so it is'],
  ['another shape', '{"id":3}'],
])('knows nothing from an answer that is %s', async (_name, text) => {
  answer = (_request, response) => response.writeHead(201).end(text);
  expect(await client.send(url, creation)).toMatchObject({ failure: { code: 'unreachable' } });
});

it('knows nothing when the connection breaks', async () => {
  answer = (request) => request.socket.destroy();
  expect(await client.send(url, creation)).toMatchObject({ failure: { code: 'unreachable' } });
});

it('knows that an agent is absent when its port refuses', async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  expect(await client.send(url, creation)).toMatchObject({ failure: { code: 'absent' } });
});

it('knows nothing of an agent whose URL cannot be read', async () => {
  expect(await client.send('nowhere', creation)).toMatchObject({ failure: { code: 'unreachable' } });
});

it('gives up at the time-out, and then does not write what waited for a connection', async () => {
  const answers: (() => void)[] = [];
  answer = (_request, response) => answers.push(() => response.writeHead(204).end());
  const first = client.send(url, removal);
  const waiting = client.send(url, { ...removal, path: '/containers/late', timeoutMs: 50 });
  expect(await waiting).toEqual({
    failure: { code: 'unreachable', text: `DELETE ${url}/containers/late: no answer in 50 ms` },
  });
  answers[0]!();
  expect(await first).toEqual({ value: undefined });
  const last = client.send(url, { ...removal, path: '/containers/last' });
  while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  answers[1]!();
  await last;
  expect(heard).toEqual(['DELETE /containers/c1', 'DELETE /containers/last']);
});

it('gives up an agent that is silent, and reaches it again over another connection', async () => {
  answer = () => undefined;
  expect(await client.send(url, { ...removal, timeoutMs: 50 })).toMatchObject({ failure: { code: 'unreachable' } });
  answer = (_request, response) => response.writeHead(204).end();
  expect(await client.send(url, removal)).toEqual({ value: undefined });
  expect(connections).toBe(2);
});

it('ends what is under way when it is closed', async () => {
  answer = () => undefined;
  const command = client.send(url, removal);
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await client.close();
  expect(await command).toMatchObject({ failure: { code: 'unreachable' } });
});
