// Which requests are answered below Nest, and how, over real HTTP.
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SuspendRequest } from '#protocol';
import type { Logger } from '#telemetry';
import { Refusal } from '../ledger/refusal';
import { ErrorAnswers } from './agent-errors.filter';
import { PlainSuspensions } from './plain-suspensions';

let server: Server;
let asked: [id: string, verb: string, request: SuspendRequest][];
let counted: string[];
let failure: Error | undefined;
/** Bodies that the routes behind were given. */
let left: string[];

beforeEach(async () => {
  [asked, counted, left] = [[], [], []];
  failure = undefined;
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes: Buffer) => (text += bytes.toString()));
    request.on('end', () => {
      left.push(text);
      response.writeHead(299).end();
    });
  });
  const containers = {
    suspendOrResume: async (id: string, verb: string, request: SuspendRequest) => {
      asked.push([id, verb, request]);
      await Promise.resolve();
      if (failure) throw failure;
    },
  };
  const metrics = {
    suspensions: { inc: ({ verb }: { verb: string }) => counted.push(verb) },
    commands: { inc: ({ command, code }: { command: string; code: string }) => counted.push(`${command} ${code}`) },
  };
  const logger = { error: () => undefined } as unknown as Logger;
  const errors = new ErrorAnswers(logger, metrics as never);
  new PlainSuspensions({ containers, metrics: metrics as never }, (text) => text === 'Bearer token', errors).serve(
    server,
  );
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function send(
  path: string,
  body: string,
  { method = 'POST', ...more }: { method?: string } & Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const { port } = server.address() as AddressInfo;
  const headers = {
    authorization: 'Bearer token',
    'content-type': 'application/json',
    ...(more['transfer-encoding'] === undefined && { 'content-length': String(Buffer.byteLength(body)) }),
    ...more,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (bytes: Buffer) => (text += bytes.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    request.on('error', reject).end(body);
  });
}

const fine = '{"grantId":"1.2","sequence":3}';

it.each(['suspend', 'resume'])('obeys a plain %s', async (verb) => {
  expect(await send(`/${verb}/c1`, fine)).toEqual({ status: 204, text: '' });
  expect(asked).toEqual([['c1', verb, { grantId: '1.2', sequence: 3 }]]);
  expect([counted, left]).toEqual([[verb], []]);
});

it.each([
  ['{"grantId":', /no JSON/],
  ['', /body does not fit/],
  ['{"grantId":"1.2","sequence":0}', /sequence/],
])('says what is wrong with the body %j', async (body, sentence) => {
  const { status, text } = await send('/resume/c1', body);
  expect(status).toBe(400);
  expect(JSON.parse(text)).toEqual({ code: 'bad-request', error: expect.stringMatching(sentence) });
  expect([asked, counted]).toEqual([[], ['/resume/:container bad-request']]);
});

it.each([
  [new Refusal('stale-sequence', 'no'), 409, 'stale-sequence'],
  [new Refusal('unknown-container', 'no'), 404, 'unknown-container'],
  [new Error('the disk is full'), 500, 'driver-failed'],
])('answers %s as the routes do', async (error, status, code) => {
  failure = error;
  const answer = await send('/suspend/c1', fine);
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([status, { code }]);
  expect(counted).toEqual([`/suspend/:container ${code}`]);
});

it.each([
  ['another method', '/resume/c1', fine, { method: 'PUT' }],
  ['a wrong token', '/resume/c1', fine, { authorization: 'Bearer other' }],
  ['another content', '/resume/c1', fine, { 'content-type': 'text/plain' }],
  ['a query', '/resume/c1?x=1', fine, {}],
  ['an id that is none', '/resume/..%2Fx', fine, {}],
  ['another route', '/log/c1', fine, {}],
  ['a body of unknown length', '/resume/c1', fine, { 'transfer-encoding': 'chunked' }],
  ['a long body', '/resume/c1', JSON.stringify({ grantId: '1.2', sequence: 3, more: 'x'.repeat(2_000) }), {}],
])('leaves %s to the routes, with its body', async (_what, path, body, more) => {
  expect((await send(path, body, more)).status).toBe(299);
  expect([left, asked]).toEqual([[body], []]);
});
