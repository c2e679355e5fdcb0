// The agent is killed, started again, started twice; its disk does not take what it writes.
import { openSqliteStores } from '#store';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { activation, AgentProcess, init, note, run, until } from './agent-process';

let agent: AgentProcess;
beforeEach(async () => {
  agent = await new AgentProcess().start();
});
afterEach(async () => {
  await agent.remove();
  expect(agent.processes()).toEqual([]);
});

const remove = (id: string, reason: string, grantId?: string) =>
  agent.call('DELETE', `/containers/${id}`, { reason, ...(grantId ? { grantId } : {}) });

describe('an agent that is killed', () => {
  it('takes its containers with it, suspended ones included', async () => {
    const address = await agent.create('c1', note('1.1'));
    await agent.create('c2', note('1.2'));
    await agent.create('c3', undefined, { kind: 'nodejs:20' });
    await init(address, 'const main = () => { for (;;); }');
    const running = run(address, activation(1)).catch((error: unknown) => error);
    expect((await agent.call('POST', '/suspend/c2', { grantId: '1.2', sequence: 1 })).status).toBe(204);
    await until(
      () => agent.processState('c2'),
      (state) => state === 'T',
    );
    expect(agent.processes()).toHaveLength(3);
    await agent.end('SIGKILL');
    await until(
      () => agent.processes(),
      (processes) => processes.length === 0,
    );
    await running;
  });

  it('comes back with its epoch, longest lease and cordon, in a new incarnation, without the containers', async () => {
    agent.epoch = agent.leader.epoch = 9_007_199_254_740_993n;
    await agent.create('c1', note('1.1'));
    await agent.call('PUT', '/leases/controller0/1', { leaseMs: 20_000 });
    await agent.call('PUT', '/cordon', { cordoned: true });
    const { incarnation } = (await agent.call('GET', '/containers')).body;
    await agent.end('SIGKILL');
    await agent.start();
    agent.epoch = 1n;
    expect(await agent.call('GET', '/containers')).toMatchObject({ status: 409, body: { epoch: '9007199254740993' } });
    agent.epoch = 9_007_199_254_740_993n;
    const inventory = (await agent.call('GET', '/containers')).body;
    expect(inventory).toMatchObject({ epoch: '9007199254740993', containers: [], lapsed: [] });
    expect(BigInt(inventory.incarnation)).toBe(BigInt(incarnation) + 1n);
    const beat = agent.leader.beats.at(-1);
    expect(beat).toMatchObject({ cordoned: true, cordonNumber: 1, exited: [], epoch: 9_007_199_254_740_993n });
    expect(readdirSync(agent.containersDirectory)).toEqual([]);
  });

  it('does not use the address of what was bound again before two leases have passed', async () => {
    const bound = await agent.create('c1', note('1.1'));
    const free = await agent.create('c2');
    // Long enough for all others to be taken before two of it have passed.
    await agent.call('PUT', '/leases/controller0/1', { leaseMs: 4_000 });
    await agent.end('SIGKILL');
    await agent.start();
    const addresses = await Promise.all(Array.from({ length: 11 }, (_, n) => agent.create(`d${n}`)));
    expect(addresses).toContain(free);
    expect(addresses).not.toContain(bound);
    const wanted = { id: 'e1', kind: 'nodejs:20', memoryMb: 128, concurrency: 1 };
    expect(await agent.call('POST', '/containers', wanted)).toMatchObject({
      status: 409,
      body: { code: 'no-capacity' },
    });
    const created = await until(
      () => agent.call('POST', '/containers', wanted),
      ({ status }) => status === 201,
    );
    expect(created.body.addresses.container).toBe(bound);
    expect(existsSync(join(agent.directory, 'agent/node0/notes/c1.json'))).toBe(false);
  });

  it('leaves what was written before to nobody, but loses no stored log', async () => {
    const address = await agent.create('c1', note('1.1'));
    await init(address, 'const main = () => { console.log("hi"); return {} }');
    await run(address, activation(1));
    const stores = await openSqliteStores({ path: join(agent.directory, 'hearth.db') });
    await until(
      () => stores.logs.read('guest', activation(1)),
      (lines) => lines.length === 1,
    );
    await agent.end('SIGKILL');
    await agent.start();
    expect(await stores.logs.read('guest', activation(1))).toHaveLength(1);
    await stores.close();
  });

  it('while it creates a container leaves nothing', async () => {
    const creating = agent.create('c1', note('1.1')).catch((error: unknown) => error);
    await until(
      () => agent.processes(),
      (processes) => processes.length === 1,
    );
    await agent.end('SIGKILL');
    await creating;
    await agent.start();
    expect(agent.processes()).toEqual([]);
    expect((await agent.call('GET', '/containers')).body.containers).toEqual([]);
  });
});

describe('an agent that is stopped', () => {
  it('stores the logs that it has, and leaves no process', async () => {
    const address = await agent.create('c1', note('1.1'));
    await agent.create('c2', note('1.2'));
    await agent.call('POST', '/suspend/c2', { grantId: '1.2', sequence: 1 });
    await init(address, 'const main = () => { console.log("hi"); return {} }');
    await run(address, activation(1));
    expect(await agent.end('SIGTERM')).toBe(0);
    expect(agent.processes()).toEqual([]);
    expect(readdirSync(agent.containersDirectory)).toEqual([]);
    const stores = await openSqliteStores({ path: join(agent.directory, 'hearth.db') });
    expect(await stores.logs.read('guest', activation(1))).toEqual([expect.stringMatching(/ stdout: hi$/)]);
    await stores.close();
  });

  it('by the end of its supervisor ends as well', async () => {
    await agent.create('c1', note('1.1'));
    agent.disconnect();
    await until(
      () => agent.processes(),
      (processes) => processes.length === 0,
    );
  });
});

it('a second agent of the same node refuses to start, and harms nothing', async () => {
  const address = await agent.create('c1', note('1.1'));
  const second = agent.spawn({ AGENT_LISTEN: '127.0.0.1:0', CONTAINER_PORTS: '17000-17001' });
  const [code, sentence] = await Promise.all([
    new Promise((done) => second.once('exit', done)),
    new Promise((done) => second.once('message', (message: { sentence: string }) => done(message.sentence))),
  ]);
  expect(code).toBe(1);
  expect(sentence).toMatch(/an agent of node node0 runs already \(process \d+\); stop it/);
  await init(address, 'const main = () => ({ alive: true })');
  expect((await run(address, activation(1))).body).toEqual({ alive: true });
});

it('goes to another port when something else listens', async () => {
  const first = await agent.create('c1');
  await remove('c1', 'unbound');
  await agent.end('SIGKILL');
  const squatter = createServer();
  await new Promise<void>((done) => squatter.listen(Number(first.split(':')[1]), '127.0.0.1', done));
  await agent.start();
  expect(await agent.create('c2')).not.toBe(first);
  await new Promise((done) => squatter.close(done));
});

it('obeys nothing while the disk does not take its notes, and goes on when it does', async () => {
  await agent.create('c1', note('1.1'));
  const notes = join(agent.directory, 'agent/node0/notes');
  renameSync(notes, `${notes}2`);
  expect((await agent.call('PUT', '/containers/c1/bind', { note: note('1.2') })).status).toBe(500);
  expect((await agent.call('PUT', '/containers/c1/bind', { note: note('1.2') })).status).toBe(500);
  expect((await agent.call('GET', '/containers')).status).toBe(500);
  renameSync(`${notes}2`, notes);
  expect((await agent.call('PUT', '/containers/c1/bind', { note: note('1.2') })).status).toBe(204);
  expect((await remove('c1', 'drained', '1.2')).status).toBe(204);
  expect(readdirSync(notes)).toEqual([]);
});

it('leaves containers out whose notes cannot be read, and keeps their addresses back', async () => {
  const address = await agent.create('c1', note('1.1'));
  await agent.call('PUT', '/leases/controller0/1', { leaseMs: 60_000 });
  await agent.end('SIGKILL');
  writeFileSync(join(agent.directory, 'agent/node0/notes/c1.json'), '{"id":"c1"');
  await agent.start();
  const addresses: string[] = [];
  for (let n = 0; n < 11; n += 1) addresses.push(await agent.create(`d${n}`));
  expect(addresses).not.toContain(address);
  await expect(agent.create('d11')).rejects.toThrow(/no-capacity/);
});

it('refuses to start on a directory that it cannot write, in one sentence', async () => {
  if (process.getuid?.() === 0) return; // root may write anywhere
  const closed = join(agent.directory, 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  const child = agent.spawn({ HEARTH_DATA_DIR: closed, AGENT_LISTEN: '127.0.0.1:0' });
  const sentence = await new Promise((done) =>
    child.once('message', (message: { sentence: string }) => done(message.sentence)),
  );
  expect(sentence).toMatch(/cannot write/);
  rmSync(closed, { recursive: true });
});
