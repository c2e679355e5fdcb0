// Two real controllers on one data directory, with a scheduler that grants and hints by the script of each test: what is forwarded, what
// comes back, and that the record is there exactly once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectError, expectRecord } from '../support/answers';
import { FakeScheduler } from '../support/fake-scheduler';
import { Guest } from '../support/guest';
import { guestKey } from '../support/platform';
import { type Json, rawRequest } from '../support/raw-http';
import { pause, until } from '../support/until';
import { forwardText } from '../../apps/controller/src/invoke/forward-format';
import { ControllerProcess, freePort } from './controller-process';
import { FakePeer, type PeerRequest } from './fake-peer';
import { NodeOfContainers } from './node-of-containers';

const secret = 'a cluster secret of some length';
const bearer = { authorization: `Bearer ${secret}` };
const [one, two] = ['controller1', 'controller2'] as const;
const code = `function main({ ms = 0, n }) {
  const { __OW_API_KEY: key, __OW_ACTIVATION_ID: id, __OW_TRANSACTION_ID: transaction } = process.env;
  const left = Number(process.env.__OW_DEADLINE) - Date.now();
  return new Promise((done) => setTimeout(done, ms, { pid: process.pid, n, key, id, transaction, left }));
}`;

describe('forwarding between controllers', () => {
  let directory: string;
  let scheduler: FakeScheduler;
  let node: NodeOfContainers;
  let controllers: ControllerProcess[];
  let guests: Record<string, Guest>;
  let peers: FakePeer[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-forwarding-'));
    scheduler = await FakeScheduler.start(secret);
    node = await NodeOfContainers.start(scheduler);
    const settings = {
      ...{ HEARTH_DATA_DIR: directory, CLUSTER_SECRET: secret, AGENT_TOKEN: 'an agent token of some length' },
      ...{ SCHEDULERS: scheduler.address, LIMIT_OVERFLOW_WAIT_MS: '15000' },
    };
    controllers = [await ControllerProcess.start(one, settings), await ControllerProcess.start(two, settings)];
    guests = Object.fromEntries(controllers.map((controller) => [controller.id, new Guest(controller)]));
  });
  afterAll(async () => {
    for (const controller of controllers) await controller.end('SIGKILL');
    scheduler.stop();
    await node.stop();
    rmSync(directory, { recursive: true });
  });
  afterEach(async () => {
    for (const peer of peers) await peer.stop();
    peers = [];
  });

  const guest = (id: string): Guest => guests[id]!;
  const hint = (id: string, actionKey: string, address: string, free = 1): void =>
    scheduler.say(id, { $case: 'hint', value: { actionKey, address, free } });
  const keyOf = async (name: string): Promise<string> =>
    until(`the key of ${name}`, () => {
      const demands = [one, two].flatMap((id) => scheduler.all(id, 'demand'));
      return demands.find(({ actionKey }) => actionKey.includes(`/${name}|`))?.actionKey;
    });

  async function peer(answer: (request: PeerRequest) => void): Promise<FakePeer> {
    const made = await FakePeer.start(answer);
    peers.push(made);
    return made;
  }

  /** Waits until the first controller demands for the key, has forwarded, and demands again. */
  const isBack = (key: string): Promise<unknown> =>
    until('it came back', () => {
      const demands = scheduler.all(one, 'demand').filter(({ actionKey }) => actionKey === key);
      return demands.filter(({ waiting }) => waiting === 1).length >= 2;
    });

  /** Fails unless the action has this many records, now and a moment later. */
  async function expectRecords(name: string, count: number): Promise<void> {
    await until(`${count} records of ${name}`, async () => (await guest(one).recordCount(name)) >= count);
    await pause(300);
    expect(await guest(two).recordCount(name)).toBe(count);
  }

  /** Puts an action and gives the second controller a container of it that has run once and is free. Answers its key and pid. */
  async function warmAtTwo(name: string, annotations: { key: string; value: unknown }[] = []) {
    await guest(one).putAction(name, code, { annotations });
    const first = guest(two).invoke(name);
    const key = await keyOf(name);
    const granted = await node.grant(two, key);
    const { json } = await first;
    return { key, pid: json.response.result.pid as number, ...granted };
  }

  const addressOfTwo = (): string => scheduler.hello(two).address;

  it('each says in its Hello where it can be forwarded to', () => {
    const addresses = [scheduler.hello(one).address, scheduler.hello(two).address];
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('runs in the container of the other controller; its record is there once, for both, and nothing is demanded any more', async () => {
    const { key, pid } = await warmAtTwo('shared', [{ key: 'provide-api-key', value: true }]);
    const calling = guest(one).call(
      'POST',
      'actions/shared?blocking=true',
      { n: 7 },
      { 'x-request-id': 'my-own-transaction' },
    );
    await scheduler.demand(one, 1, key);
    await pause(200);
    hint(one, key, addressOfTwo());
    const answer = await calling;
    expect(answer.headers['x-request-id']).toBe('my-own-transaction');
    const result = answer.json.response.result;
    const activationId = answer.headers['x-openwhisk-activation-id'] as string;
    expect(result).toMatchObject({ pid, n: 7, id: activationId, transaction: 'my-own-transaction', key: guestKey });
    expect(result.left).toBeGreaterThan(50_000);
    expectRecord(answer.json, {
      name: 'shared',
      response: { status: 'success', success: true, result, size: expect.any(Number) as number },
      isCold: false,
    });
    // The wait before the hint is part of it: the accept time has travelled.
    const wait = (answer.json.annotations as Json[]).find(({ key: name }: Json) => name === 'waitTime').value as number;
    expect(wait).toBeGreaterThanOrEqual(180);
    expect(wait).toBeLessThan(10_000);
    await scheduler.demand(one, 0, key);
    for (const id of [one, two]) expect({ ...(await guest(id).record(activationId)), logs: [] }).toEqual(answer.json);
    await expectRecords('shared', 2);
  });

  it('sends the caller’s key only to an action that gets it', async () => {
    const { key } = await warmAtTwo('keyless', [{ key: 'provide-api-key', value: false }]);
    const calling = guest(one).invoke('keyless');
    await scheduler.demand(one, 1, key);
    hint(one, key, addressOfTwo());
    expect((await calling).json.response.result.key).toBeUndefined();
  });

  it('421: it waits again, nobody of its key is forwarded while it does, and a grant serves it', async () => {
    const other = await peer(({ response }) => response.writeHead(421).end('none free'));
    await guest(one).putAction('refused', code);
    const calling = guest(one).invoke('refused', { n: 1 });
    const key = await keyOf('refused');
    hint(one, key, other.address);
    await until('it was forwarded', () => other.requests.length === 1);
    expect(other.requests[0]).toMatchObject({ path: '/forward', ...bearer });
    await isBack(key);
    const before = scheduler.all(one, 'demand').length;
    hint(one, key, other.address);
    await until('the hint is answered by a demand', () => scheduler.all(one, 'demand').length > before);
    await node.grant(one, key);
    expect((await calling).json.response.result.n).toBe(1);
    expect(other.requests).toHaveLength(1);
    await expectRecords('refused', 1);
  });

  it('a real controller answers 421 when its container is busy, and when it has none', async () => {
    const { key } = await warmAtTwo('busy');
    const long = guest(two).invoke('busy', { ms: 1_500 });
    await pause(300);
    const calling = guest(one).invoke('busy', { n: 2 });
    await scheduler.demand(one, 1, key);
    hint(one, key, addressOfTwo());
    await isBack(key);
    await node.grant(one, key);
    const { json } = await calling;
    const { json: busy } = await long;
    expect(json.response.result.n).toBe(2);
    expect(json.response.result.pid).not.toBe(busy.response.result.pid);
    await expectRecords('busy', 3);
  });

  it('a refused connection: it waits again', async () => {
    await guest(one).putAction('nobody', code);
    const calling = guest(one).invoke('nobody', { n: 3 });
    const key = await keyOf('nobody');
    hint(one, key, `127.0.0.1:${await freePort()}`);
    await isBack(key);
    await node.grant(one, key);
    expect((await calling).json.response.result.n).toBe(3);
    expect(controllers[0]!.output).toContain('refused (connect ECONNREFUSED');
  });

  it('lost after it was written: a whisk internal error with one record, and never a second try', async () => {
    const other = await peer(({ response }) => response.destroy());
    await guest(one).putAction('lost', code);
    const calling = guest(one).invoke('lost');
    const key = await keyOf('lost');
    hint(one, key, other.address, 5);
    const answer = await calling;
    expect(answer.status).toBe(500);
    const error = 'The controller that ran this activation was lost, and its outcome is not known.';
    expectRecord(answer.json, {
      name: 'lost',
      response: { status: 'whisk internal error', success: false, result: { error } },
      isCold: false,
    });
    await pause(300);
    expect(other.requests).toHaveLength(1);
    await expectRecords('lost', 1);
    expect((await guest(two).record(answer.json.activationId as string)).response.result.error).toBe(error);
  });

  it('answered 202 while it runs elsewhere: the record of the other controller is the only one', async () => {
    const { key } = await warmAtTwo('slow');
    const calling = guest(one).invoke('slow', { ms: 1_000 }, 'blocking=true&timeout=400');
    await scheduler.demand(one, 1, key);
    hint(one, key, addressOfTwo());
    const answer = await calling;
    expect(answer.status).toBe(202);
    const record = await guest(one).record(answer.json.activationId as string);
    expect(record.response.status).toBe('success');
    await expectRecords('slow', 2);
  });

  it('forwards the longest waiting first, as many as are free, and never what waits in the queue', async () => {
    await guest(one).putAction('many', code);
    const queued = await guest(one).invoke('many', { n: 0 }, '');
    expect(queued.status).toBe(202);
    const key = await keyOf('many');
    // Whoever claimed the row waits for a container.
    const [claimer] = [one, two].filter((id) => scheduler.all(id, 'demand').some(({ actionKey }) => actionKey === key));
    const other = await peer(({ response }) => response.writeHead(421).end());
    const calls: Promise<unknown>[] = [];
    for (let n = 1; n <= 4; n++) {
      calls.push(guest(claimer!).invoke('many', { n }));
      await scheduler.demand(claimer!, n + 1, key);
    }
    hint(claimer!, key, other.address, 2);
    await until('two were forwarded', () => other.requests.length === 2);
    expect(other.requests.map(({ body }) => body.split('\n')[1]).sort()).toEqual(['{"n":1}', '{"n":2}']);
    await node.grant(claimer!, key);
    await Promise.all(calls);
    expect((await guest(one).record(queued.json.activationId as string)).response.result.n).toBe(0);
    expect(other.requests).toHaveLength(2);
  });

  describe('the internal listener', () => {
    const forward = (key: string, activationId: string): string => {
      const [, fullName, revision] = key.split('|');
      const [namespace, name] = fullName!.split('/');
      return forwardText({
        head: {
          ...{ activationId, transactionId: 't', waitedMs: 0, remainingMs: 1_000 },
          action: { namespace: namespace!, name: name!, revision: Number(revision) },
          identity: { subject: 'guest', namespace: 'guest', uuid: '' },
        },
        payload: '{}',
      });
    };
    const post = (url: string, body: string, headers: Record<string, string>) =>
      rawRequest(url, {
        method: 'POST',
        headers: { 'content-length': String(Buffer.byteLength(body)), ...headers },
        body,
      });
    let warm: { key: string; pid: number };
    let url: string;
    let ids = 0;
    const freshId = (): string =>
      `019${Date.now().toString(16).padStart(9, '0').slice(-9)}70008${String((ids += 1)).padStart(15, '0')}`;

    beforeAll(async () => {
      warm = await warmAtTwo('inner');
      url = `http://${addressOfTwo()}/forward`;
    });

    it('obeys the cluster secret', async () => {
      const answer = await post(url, forward(warm.key, freshId()), bearer);
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(`"pid":${warm.pid}`);
    });

    it('tells and does nothing without it', async () => {
      const count = await guest(two).recordCount('inner');
      for (const headers of [
        {},
        { authorization: 'Bearer another secret of length' },
        { authorization: guest(one).authorization },
      ]) {
        for (const path of [url, url.replace('/forward', '/'), url.replace('/forward', '/metrics')]) {
          const answer = await post(path, forward(warm.key, freshId()), headers as Record<string, string>);
          expect([answer.status, answer.text]).toEqual([401, 'The cluster secret is missing.']);
        }
      }
      await pause(200);
      expect(await guest(two).recordCount('inner')).toBe(count);
    });

    it('has one route', async () => {
      expect((await post(url.replace('/forward', '/api/v1/namespaces/_/actions'), '', bearer)).status).toBe(404);
      expect((await rawRequest(url, { headers: bearer })).status).toBe(404);
    });

    it('refuses what is too long, and what is no forwarded invocation', async () => {
      expect((await post(url, 'x'.repeat(1_200_000), bearer)).status).toBe(413);
      expect((await post(url, '{"a":1}', bearer)).status).toBe(400);
      expect((await post(url, `${forward(warm.key, freshId())}torn`, bearer)).status).toBe(400);
    });

    it('refuses another revision, another namespace’s key and an unknown action at once with 421', async () => {
      const other = warm.key.replace(/\d+$/, (revision) => String(Number(revision) + 1));
      for (const key of [other, warm.key.replaceAll('inner', 'nosuch')]) {
        const begun = performance.now();
        expect((await post(url, forward(key, freshId()), bearer)).status).toBe(421);
        expect(performance.now() - begun).toBeLessThan(500);
      }
    });

    it('is no part of the public port, which ignores all of it', async () => {
      const publicUrl = controllers[1]!.apiHost;
      const spoofed = await post(`${publicUrl}/forward`, forward(warm.key, freshId()), bearer);
      expectError(spoofed, 405, /HTTP method not allowed/, { hasCors: false });
      const headers = {
        ...bearer,
        'x-hearth-forwarded': 'true',
        'x-forwarded-for': addressOfTwo(),
        forwarded: 'for=127.0.0.1',
      };
      const path = `${publicUrl}/api/v1/namespaces/guest/actions/inner?blocking=true`;
      const asPeer = await post(path, forward(warm.key, freshId()), { ...headers, 'content-type': 'application/json' });
      expect(asPeer.status).toBe(401);
      const asGuest = await guest(two).call(
        'POST',
        'actions/inner?blocking=true',
        { n: 1 },
        {
          'x-hearth-forwarded': 'true',
          'x-openwhisk-activation-id': freshId(),
        },
      );
      expect([asGuest.status, asGuest.json.response.result.n]).toEqual([200, 1]);
    });

    it('answers Reclaim of the free container with Drained at once, and then has none', async () => {
      const granted = await warmAtTwo('given');
      const begun = performance.now();
      const { containerId, grantId } = granted;
      scheduler.say(two, { $case: 'reclaim', value: { containerId, grantId, deadlineMs: 250 } });
      await until('Drained', () =>
        scheduler.all(two, 'drained').some((drained) => drained.containerId === containerId),
      );
      expect(performance.now() - begun).toBeLessThan(200);
      expect((await post(url, forward(granted.key, freshId()), bearer)).status).toBe(421);
    });
  });
});
