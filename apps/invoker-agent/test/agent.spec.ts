import { openSqliteStores, type Stores } from '#store';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { activation, AgentProcess, init, note, run, token, until } from './agent-process';

const developerError = 'stderr: The action did not initialize or run as expected. Log data might be missing.';

let agent: AgentProcess;
let stores: Stores;
let count = 0;
const newId = () => `c${(count += 1)}`;

beforeAll(async () => {
  agent = await new AgentProcess().start({ LIMIT_LOG_FILE_BYTES: '200000' });
  stores = await openSqliteStores({ path: join(agent.directory, 'hearth.db') });
});
afterAll(async () => {
  await stores.close();
  expect(await agent.end('SIGTERM')).toBe(0);
  expect(agent.processes()).toEqual([]);
  await agent.remove();
});
afterEach(async () => {
  const { body } = await agent.call('GET', '/containers');
  for (const { id, note: noted } of body.containers) {
    const grant = noted ? { grantId: noted.grantId } : {};
    await agent.call('DELETE', `/containers/${id}`, { reason: noted ? 'drained' : 'unbound', ...grant });
  }
});

/** Lines without their time, once there are any. */
async function logOf(activationId: string, namespace = 'guest', atLeast = 1): Promise<string[]> {
  const lines = await until(
    () => stores.logs.read(namespace, activationId),
    ({ length }) => length >= atLeast,
  );
  expect(lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z std(out|err): /.test(line))).toBe(true);
  return lines.map((line) => line.slice(31));
}

describe('who may ask', () => {
  it('health is for anyone, the rest for who has the token', async () => {
    expect(await agent.call('GET', '/health', undefined, { authorization: '' })).toMatchObject({
      status: 200,
      body: { status: 'ok', nodeId: 'node0', driver: 'process' },
    });
    for (const authorization of ['', 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
      for (const path of ['/containers', '/metrics', '/suspend/c0', '/nothing']) {
        expect(await agent.call('GET', path, undefined, { authorization })).toMatchObject({
          status: 401,
          body: { code: 'unauthorized' },
        });
      }
      const body = { id: 'c0', kind: 'nodejs:20', memoryMb: 128, concurrency: 1 };
      expect((await agent.call('POST', '/containers', body, { authorization })).status).toBe(401);
    }
    expect((await agent.call('GET', '/containers')).body.containers).toEqual([]);
  });
});

describe('bad requests', () => {
  const spec = { id: 'c0', kind: 'nodejs:20', memoryMb: 128, concurrency: 1 };
  it.each([
    ['malformed JSON', 'POST', '/containers', '{"id":', /no JSON/],
    ['no body', 'POST', '/containers', undefined, /body does not fit/],
    ['a missing field', 'POST', '/containers', { ...spec, kind: undefined }, /kind/],
    ['an id with a path in it', 'POST', '/containers', { ...spec, id: '../x' }, /id/],
    ['an id with a path in it', 'DELETE', '/containers/..%2Fx', { reason: 'unbound' }, /container id/],
    ['an unknown reason', 'DELETE', '/containers/c0', { reason: 'boredom' }, /reason/],
    ['a note without grant', 'PUT', '/containers/c0/bind', { note: { ...note('1.1'), grantId: 'x' } }, /grantId/],
    ['a lease without length', 'PUT', '/leases/controller0/1', {}, /leaseMs/],
    ['an incarnation that is no number', 'PUT', '/leases/controller0/x', { leaseMs: 1 }, /incarnation/],
    ['a sequence number of 0', 'POST', '/suspend/c0', { grantId: '1.1', sequence: 0 }, /sequence/],
    ['an activation id that is none', 'POST', '/log/c0', { activationId: 'x' }, /activationId/],
    ['a query that does not fit', 'GET', '/suspend/c0?grantId=1.1', undefined, /sequence/],
  ])('%s', async (_what, method, path, body, sentence) => {
    const reply = await agent.call(method, path, body);
    expect(reply).toMatchObject({ status: 400, body: { code: 'bad-request', error: expect.stringMatching(sentence) } });
  });

  it('a command without its epoch', async () => {
    const reply = await agent.call('POST', '/containers', spec, { 'x-hearth-epoch': '' });
    expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining('x-hearth-epoch') } });
  });

  it('a command of an epoch that no leader can have, which would shut out every leader', async () => {
    const reply = await agent.call('GET', '/containers', undefined, { 'x-hearth-epoch': String(2n ** 62n + 1n) });
    expect(reply).toMatchObject({ status: 400, body: { error: expect.stringContaining('x-hearth-epoch') } });
    expect((await agent.call('GET', '/containers')).status).toBe(200);
  });

  it('a body that is too large', async () => {
    const reply = await agent.call('POST', '/containers', { ...spec, image: 'x'.repeat(2_000_000) });
    expect(reply).toMatchObject({ status: 400, body: { code: 'bad-request' } });
  });

  it('a route that is not there', async () => {
    expect(await agent.call('PATCH', '/containers')).toMatchObject({ status: 404, body: { code: 'unknown-route' } });
  });
});

describe('commands of the scheduler', () => {
  it('of a lower epoch are refused with the higher one', async () => {
    agent.epoch = 5n;
    expect((await agent.call('GET', '/containers')).body.epoch).toBe('5');
    agent.epoch = 4n;
    for (const [method, path, body] of [
      ['GET', '/containers', undefined],
      ['POST', '/containers', { id: 'c0', kind: 'nodejs:20', memoryMb: 128, concurrency: 1 }],
      ['DELETE', '/containers/c0', { reason: 'unbound' }],
      ['PUT', '/containers/c0/bind', { note: note('9.1') }],
      ['PUT', '/cordon', { cordoned: true }],
    ] as const) {
      expect(await agent.call(method, path, body)).toMatchObject({
        status: 409,
        body: { code: 'stale-epoch', epoch: '5' },
      });
    }
    agent.epoch = 5n;
  });

  it('create containers, idempotently, in the order of ports', async () => {
    const [id, other] = [newId(), newId()];
    const [address, same] = await Promise.all([agent.create(id), agent.create(id)]);
    expect(same).toBe(address);
    expect(await agent.create(id)).toBe(address);
    expect(await agent.create(other)).not.toBe(address);
    await init(address, 'const main = () => ({ ok: true })');
    expect((await run(address, activation(1))).body).toEqual({ ok: true });
    expect(agent.processes()).toHaveLength(2);
  });

  it('are told what cannot be made', async () => {
    const spec = { id: newId(), kind: 'nodejs:20', memoryMb: 128, concurrency: 1 };
    expect(await agent.call('POST', '/containers', { ...spec, kind: 'cobol:60' })).toMatchObject({
      status: 400,
      body: { code: 'cannot-create' },
    });
    expect(await agent.call('POST', '/containers', { ...spec, memoryMb: 4_096 })).toMatchObject({
      status: 409,
      body: { code: 'no-capacity' },
    });
    expect(agent.processes()).toEqual([]);
  });

  it('bind, each grant greater than the last', async () => {
    const id = newId();
    await agent.create(id);
    const bind = (grantId: string, overrides = {}) =>
      agent.call('PUT', `/containers/${id}/bind`, { note: note(grantId, overrides) });
    expect((await bind('5.2')).status).toBe(204);
    expect((await bind('5.2')).status).toBe(204);
    expect(await bind('5.2', { owner: 'controller1' })).toMatchObject({ status: 409, body: { code: 'stale-grant' } });
    expect(await bind('5.1')).toMatchObject({ status: 409, body: { code: 'stale-grant' } });
    expect((await bind('5.10', { owner: 'controller1' })).status).toBe(204);
    expect((await agent.call('PUT', '/containers/nobody/bind', { note: note('5.1') })).status).toBe(404);
    const { containers } = (await agent.call('GET', '/containers')).body;
    expect(containers).toMatchObject([{ id, state: 'running', memoryMb: 128, note: { grantId: '5.10' } }]);
  });

  it('remove what they name, and leave a tombstone', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    const remove = (body: object) => agent.call('DELETE', `/containers/${id}`, body);
    expect(await remove({ reason: 'drained', grantId: '4.9' })).toMatchObject({
      status: 409,
      body: { code: 'stale-grant' },
    });
    expect(await remove({ reason: 'orphan', grantId: '5.1' })).toMatchObject({
      status: 409,
      body: { code: 'lease-lives' },
    });
    expect((await remove({ reason: 'drained', grantId: '5.1' })).status).toBe(204);
    expect(agent.processes()).toEqual([]);
    await expect(run(address, activation(1))).rejects.toThrow();
    expect((await remove({ reason: 'drained', grantId: '5.1' })).status).toBe(204);
    const again = await agent.call('POST', '/containers', { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1 });
    expect(again).toMatchObject({ status: 409, body: { code: 'removed' } });
  });

  it('remove a container while it is created', async () => {
    const id = newId();
    const creating = agent.call('POST', '/containers', { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1 });
    await until(
      async () => (await agent.call('GET', '/containers')).body.containers.length as number,
      (length) => length > 0,
    );
    expect((await agent.call('DELETE', `/containers/${id}`, { reason: 'unbound' })).status).toBe(204);
    const created = await creating;
    // Whichever came first; nothing is left either way.
    if (created.status !== 201) expect(created).toMatchObject({ status: 409, body: { code: 'removed' } });
    expect(agent.processes()).toEqual([]);
    expect((await agent.call('GET', '/containers')).body.containers).toEqual([]);
  });

  it('are told at once what ended by itself, until it is removed', async () => {
    const id = newId();
    await agent.create(id, note('5.1'));
    const pid = agent.processes()[0]!.pid;
    const before = agent.leader.beats.length;
    process.kill(pid, 'SIGKILL');
    const beat = await until(
      () => agent.leader.beats.slice(before).find(({ exited }) => exited.length > 0),
      (found) => found !== undefined,
    );
    expect(beat?.exited).toEqual([{ containerId: id, grantId: '5.1', reason: 'killed by SIGKILL' }]);
    expect((await agent.call('GET', '/containers')).body.containers).toMatchObject([{ id, state: 'exited' }]);
    const suspend = await agent.call('POST', `/suspend/${id}`, { grantId: '5.1', sequence: 1 });
    expect(suspend).toMatchObject({ status: 404, body: { code: 'unknown-container' } });
    expect((await agent.call('DELETE', `/containers/${id}`, { reason: 'failed', grantId: '5.1' })).status).toBe(204);
    agent.leader.beats.length = 0;
    expect(
      (
        await until(
          () => agent.leader.beats[0],
          (found) => found !== undefined,
        )
      )?.exited,
    ).toEqual([]);
  });

  it('cordon', async () => {
    expect(await agent.call('PUT', '/cordon', { cordoned: true })).toMatchObject({ status: 200, body: { number: 1 } });
    const beat = await until(
      () => agent.leader.beats.at(-1),
      (last) => last?.cordoned === true,
    );
    expect(beat?.cordonNumber).toBe(1);
    expect((await agent.call('PUT', '/cordon', { cordoned: false })).body).toEqual({ number: 2 });
  });
});

describe('commands of controllers', () => {
  it('suspend and resume, by GET and POST, in the order of their numbers', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    await init(address, 'const main = () => ({ n: 1 })');
    expect((await agent.call('POST', `/suspend/${id}`, { grantId: '5.1', sequence: 1 })).status).toBe(204);
    await until(
      () => agent.processState(id),
      (state) => state === 'T',
    );
    expect((await agent.call('POST', `/suspend/${id}`, { grantId: '5.1', sequence: 1 })).status).toBe(204);
    expect((await agent.call('GET', '/containers')).body.containers).toMatchObject([{ id, state: 'suspended' }]);
    expect(await agent.call('GET', `/resume/${id}?grantId=5.1&sequence=1`)).toMatchObject({
      body: { code: 'stale-sequence' },
    });
    expect(await agent.call('GET', `/resume/${id}?grantId=5.2&sequence=2`)).toMatchObject({
      body: { code: 'stale-grant' },
    });
    expect((await agent.call('GET', `/resume/${id}?grantId=5.1&sequence=2`)).status).toBe(204);
    expect((await run(address, activation(1))).body).toEqual({ n: 1 });
    expect((await agent.call('GET', `/suspend/${id}?grantId=5.1&sequence=3`)).status).toBe(204);
    expect((await agent.call('POST', '/suspend/nobody', { grantId: '5.1', sequence: 1 })).status).toBe(404);
    // Removal of a suspended one is in afterEach.
  });

  it('renew use leases, which list what is theirs', async () => {
    const id = newId();
    await agent.create(id, note('5.1', { owner: 'controllerA', incarnation: '7' }));
    const renew = (incarnation: number) => agent.call('PUT', `/leases/controllerA/${incarnation}`, { leaseMs: 50 });
    expect(await renew(7)).toEqual({
      status: 200,
      body: { containers: [{ container: id, grantId: '5.1', state: 'running' }] },
    });
    expect((await renew(8)).body).toEqual({ containers: [] });
    expect(await renew(7)).toMatchObject({ status: 409, body: { code: 'superseded' } });
    expect((await agent.call('GET', '/containers')).body.lapsed).toEqual([
      { controllerId: 'controllerA', incarnation: '7' },
    ]);
    expect((await agent.call('DELETE', '/leases/controllerA/8')).status).toBe(200);
    expect((await agent.call('PUT', `/leases/${'%2F'.repeat(256)}/1`, { leaseMs: 50 })).status).toBe(200);
    expect((await renew(8)).status).toBe(409);
    expect((await agent.call('DELETE', `/containers/${id}`, { reason: 'orphan', grantId: '5.1' })).status).toBe(204);
  });
});

describe('logs', () => {
  it('are stored for each activation without being asked for', async () => {
    const address = await agent.create(newId(), note('5.1', { namespace: 'alice' }));
    await init(
      address,
      'const main = ({ n }) => { if (n % 2) console.log("out", n); console.error("err", n); return {} }',
    );
    for (let n = 0; n < 6; n += 1) await run(address, activation(100 + n), { n });
    expect((await logOf(activation(105), 'alice', 2)).sort()).toEqual(['stderr: err 5', 'stdout: out 5']);
    expect(await logOf(activation(104), 'alice')).toEqual(['stderr: err 4']);
    expect(await stores.logs.read('guest', activation(105))).toEqual([]);
  });

  it('of python as well', async () => {
    if (!((await agent.call('GET', '/health')).body.kinds as string[]).includes('python:3')) return;
    const address = await agent.create(newId(), note('5.1'), { kind: 'python:3' });
    await init(address, 'import sys\ndef main(args):\n  print("out")\n  print("err", file=sys.stderr)\n  return {}');
    await run(address, activation(110));
    expect((await logOf(activation(110), 'guest', 2)).sort()).toEqual(['stderr: err', 'stdout: out']);
  });

  it('are cut at the limit of the action', async () => {
    const address = await agent.create(newId(), note('5.1', { logLimitMb: 1 }));
    await init(address, 'function main(){for(let i=0;i<20000;i++)console.log("x".repeat(80));return {}}');
    await run(address, activation(120));
    const lines = await logOf(activation(120));
    expect(lines.length).toBeLessThan(20_000);
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines.at(-1)).toBe(
      'stderr: Logs were truncated because the total bytes size exceeds the limit of 1048576 bytes.',
    );
    expect(lines.filter((line) => line === `stdout: ${'x'.repeat(80)}`)).toHaveLength(lines.length - 1);
  });

  it('with a limit of 0 are none', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1', { logLimitMb: 0 }));
    await init(address, 'const main = () => { console.log("x"); return {} }');
    await run(address, activation(130));
    expect((await agent.call('POST', `/log/${id}`, { activationId: activation(130) })).status).toBe(204);
    expect(await stores.logs.read('guest', activation(130))).toEqual([]);
  });

  it('lose nothing when the files are emptied', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    const code = `const main = ({ from }) => { for (let i = from; i < from + 1000; i++) console.log(String(i)); return {} }`;
    await init(address, code);
    const ids = Array.from({ length: 100 }, (_, n) => activation(1_000 + n));
    for (const [n, activationId] of ids.entries()) await run(address, activationId, { from: n * 1_000 });
    for (const [n, activationId] of ids.entries()) {
      const lines = await logOf(activationId, 'guest', 1_000);
      expect(lines).toEqual(Array.from({ length: 1_000 }, (_, i) => `stdout: ${n * 1_000 + i}`));
    }
    await until(
      () => agent.log,
      () => true,
    );
  });

  it('are there at once for who asks', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    await init(address, 'const main = () => { console.log("one\\ntwo"); return {} }');
    await run(address, activation(140));
    const asked = await agent.call('POST', `/logs/${id}`, { activationId: activation(140) });
    expect(asked).toMatchObject({
      status: 200,
      body: { activationId: activation(140), lines: 2, truncated: false, complete: true },
    });
    expect(await stores.logs.read('guest', activation(140))).toHaveLength(2);
    expect((await agent.call('GET', `/log/${id}?activationId=${activation(140)}`)).body.lines).toBe(2);
    expect((await agent.call('GET', `/log/${id}?activationId=${activation(141)}`)).status).toBe(204);
    expect((await agent.call('GET', `/log/nobody?activationId=${activation(141)}`)).status).toBe(404);
  });

  it.each([
    ['throws', 'const main = () => { console.log("hi"); throw new Error("boom") }', 150],
    ['exits', 'const main = () => { console.log("hi"); process.exit(1) }', 151],
    ['never ends', 'const main = () => { console.log("hi"); for (;;); }', 152],
  ])('of an action that %s end with the line that says so', async (_what, code, n) => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    await init(address, code);
    const running = run(address, activation(n)).catch((error: unknown) => error);
    const hasEnded = n !== 152;
    if (hasEnded) await running;
    else
      await until(
        () => readFileSync(join(agent.containersDirectory, id, 'stdout.log'), 'utf8'),
        (text) => text === 'hi\n',
      );
    const failed = { activationId: activation(n), failed: true };
    expect((await agent.call('POST', `/log/${id}`, failed)).status).toBe(200);
    const removal = { reason: 'failed', grantId: '5.1', activationId: activation(n) };
    expect((await agent.call('DELETE', `/containers/${id}`, removal)).status).toBe(204);
    const lines = await logOf(activation(n), 'guest', 2);
    expect(lines[0]).toBe('stdout: hi');
    expect(lines.filter((line) => line === developerError)).toHaveLength(1);
    expect(lines.at(-1)).toBe(developerError);
    await running;
  });

  it('of an init that failed too, also when only the removal names the activation', async () => {
    const id = newId();
    const address = await agent.create(id, note('5.1'));
    expect((await init(address, 'function main( {', activation(160))).status).toBe(502);
    await agent.call('DELETE', `/containers/${id}`, {
      reason: 'failed',
      grantId: '5.1',
      activationId: activation(160),
    });
    const lines = await until(
      () => logOf(activation(160)),
      (seen) => seen.at(-1) === developerError,
    );
    expect(lines[0]).toContain('stderr: Error during initialization: SyntaxError');
    expect(lines.filter((line) => line === developerError)).toHaveLength(1);
  });
});
