// What a controller makes of the answers to its renewals, over real HTTP.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentClient, type LeaseOutcome } from './agent-client';

async function renewedAt(status: number, body: string): Promise<LeaseOutcome> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new AgentClient('a token of some length', 'c0', 1n, 1_000);
  try {
    return await client.renewLease(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 15_000);
  } finally {
    await client.close();
    server.close();
  }
}

it('believes a lease, without what is of no use any more', async () => {
  const containers = [
    { container: 'a', grantId: '1.1', state: 'running' },
    { container: 'b', grantId: '1.2', state: 'exited' },
  ];
  expect(await renewedAt(200, JSON.stringify({ containers }))).toEqual({
    outcome: 'renewed',
    listed: new Map([['a', '1.1']]),
  });
});

it('believes an agent that it is superseded', async () => {
  const answer = await renewedAt(409, JSON.stringify({ error: 'a newer one is known', code: 'superseded' }));
  expect(answer.outcome).toBe('superseded');
});

it.each([
  [200, '{}'],
  [200, ''],
  [200, '"hello"'],
  [200, 'hello'],
  [409, '{"error":"conflict"}'],
  [409, ''],
  [404, ''],
])('takes %i with the body %j of whoever has its address for a failure', async (status, body) => {
  expect((await renewedAt(status, body)).outcome).toBe('failed');
});

it.each([
  [204, 'ok', 'ok'],
  [404, 'gone', 'failed'],
  [409, 'unknown', 'failed'],
  [500, 'unknown', 'failed'],
])('takes %i for %s at a suspend and for %s at a resume', async (status, suspended, resumed) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new AgentClient('token', 'c0', 1n, 10_000);
  try {
    expect(await client.suspend(url, 'a', '1.2', 3)).toBe(suspended);
    expect(await client.resume(url, 'a', '1.2', 4)).toBe(resumed);
    expect(asked).toEqual([
      'POST /suspend/a Bearer token {"grantId":"1.2","sequence":3}',
      'POST /resume/a Bearer token {"grantId":"1.2","sequence":4}',
    ]);
  } finally {
    await client.close();
    server.close();
  }
  expect(await client.resume(url, 'a', '1.2', 5)).toBe('failed');
  expect(await client.suspend('no url', 'a', '1.2', 5)).toBe('unknown');
});
