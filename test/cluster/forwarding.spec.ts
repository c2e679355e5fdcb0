// Two real controllers with a scheduler that grants and hints by the script of each test: what is forwarded, what comes back, and that the
// record is there exactly once.
import { expectRecord } from '../support/answers';
import { guestKey } from '../support/platform';
import type { Json } from '../support/raw-http';
import { pause, until } from '../support/until';
import { freePort } from './controller-process';
import { FakePeer, type PeerRequest } from './fake-peer';
import { bearer, one, telling, two, TwoControllers } from './two-controllers';

describe('forwarding between controllers', () => {
  let cluster: TwoControllers;
  let peers: FakePeer[] = [];

  beforeAll(async () => {
    cluster = await TwoControllers.start();
  });
  afterAll(() => cluster.stop());
  afterEach(async () => {
    for (const peer of peers) await peer.stop();
    peers = [];
  });

  async function peer(answer: (request: PeerRequest) => void): Promise<FakePeer> {
    const made = await FakePeer.start(answer);
    peers.push(made);
    return made;
  }

  it('each says in its Hello where it can be forwarded to', () => {
    const addresses = [cluster.scheduler.hello(one).address, cluster.scheduler.hello(two).address];
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('runs in the container of the other controller; its record is there once, for both, and nothing is demanded any more', async () => {
    const { key, pid } = await cluster.warm(two, 'shared', [{ key: 'provide-api-key', value: true }]);
    const calling = cluster
      .guest(one)
      .call('POST', 'actions/shared?blocking=true', { n: 7 }, { 'x-request-id': 'my-own-transaction' });
    await cluster.scheduler.demand(one, 1, key);
    await pause(200);
    cluster.hint(one, key, cluster.address(two));
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
    await cluster.scheduler.demand(one, 0, key);
    for (const id of [one, two])
      expect({ ...(await cluster.guest(id).record(activationId)), logs: [] }).toEqual(answer.json);
    await cluster.expectRecords('shared', 2);
  });

  it('sends the caller’s key only to an action that gets it', async () => {
    const { key } = await cluster.warm(two, 'keyless', [{ key: 'provide-api-key', value: false }]);
    const calling = cluster.guest(one).invoke('keyless');
    await cluster.scheduler.demand(one, 1, key);
    cluster.hint(one, key, cluster.address(two));
    expect((await calling).json.response.result.key).toBeUndefined();
  });

  it('421: it waits again, nobody of its key is forwarded while it does, and a grant serves it', async () => {
    const other = await peer(({ response }) => response.writeHead(421).end('none free'));
    await cluster.guest(one).putAction('refused', telling);
    const calling = cluster.guest(one).invoke('refused', { n: 1 });
    const key = await cluster.keyOf('refused');
    cluster.hint(one, key, other.address);
    await until('it was forwarded', () => other.requests.length === 1);
    expect(other.requests[0]).toMatchObject({ path: '/forward', ...bearer });
    await cluster.isBack(key);
    const before = cluster.scheduler.all(one, 'demand').length;
    cluster.hint(one, key, other.address);
    await until('the hint is answered by a demand', () => cluster.scheduler.all(one, 'demand').length > before);
    await cluster.node.grant(one, key);
    expect((await calling).json.response.result.n).toBe(1);
    expect(other.requests).toHaveLength(1);
    await cluster.expectRecords('refused', 1);
  });

  it('a real controller answers 421 when its container is busy, and when it has none', async () => {
    const { key } = await cluster.warm(two, 'busy');
    const long = cluster.guest(two).invoke('busy', { ms: 1_500 });
    await pause(300);
    const calling = cluster.guest(one).invoke('busy', { n: 2 });
    await cluster.scheduler.demand(one, 1, key);
    cluster.hint(one, key, cluster.address(two));
    await cluster.isBack(key);
    await cluster.node.grant(one, key);
    const { json } = await calling;
    const { json: busy } = await long;
    expect(json.response.result.n).toBe(2);
    expect(json.response.result.pid).not.toBe(busy.response.result.pid);
    await cluster.expectRecords('busy', 3);
  });

  it('a refused connection: it waits again', async () => {
    await cluster.guest(one).putAction('nobody', telling);
    const calling = cluster.guest(one).invoke('nobody', { n: 3 });
    const key = await cluster.keyOf('nobody');
    cluster.hint(one, key, `127.0.0.1:${await freePort()}`);
    await cluster.isBack(key);
    await cluster.node.grant(one, key);
    expect((await calling).json.response.result.n).toBe(3);
    expect(cluster.controllers[one].output).toContain('refused (connect ECONNREFUSED');
  });

  it('lost after it was written: a whisk internal error with one record, and never a second try', async () => {
    const other = await peer(({ response }) => response.destroy());
    await cluster.guest(one).putAction('lost', telling);
    const calling = cluster.guest(one).invoke('lost');
    const key = await cluster.keyOf('lost');
    cluster.hint(one, key, other.address, 5);
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
    await cluster.expectRecords('lost', 1);
    expect((await cluster.guest(two).record(answer.json.activationId as string)).response.result.error).toBe(error);
  });

  it('answered 202 while it runs elsewhere: the record of the other controller is the only one', async () => {
    const { key } = await cluster.warm(two, 'slow');
    const calling = cluster.guest(one).invoke('slow', { ms: 1_000 }, 'blocking=true&timeout=400');
    await cluster.scheduler.demand(one, 1, key);
    cluster.hint(one, key, cluster.address(two));
    const answer = await calling;
    expect(answer.status).toBe(202);
    const record = await cluster.guest(one).record(answer.json.activationId as string);
    expect(record.response.status).toBe('success');
    await cluster.expectRecords('slow', 2);
  });

  it('forwards the longest waiting first, as many as are free, and never what waits in the queue', async () => {
    await cluster.guest(one).putAction('many', telling);
    const queued = await cluster.guest(one).invoke('many', { n: 0 }, '');
    expect(queued.status).toBe(202);
    const key = await cluster.keyOf('many');
    // Whoever claimed the row waits for a container.
    const [claimer] = [one, two].filter((id) =>
      cluster.scheduler.all(id, 'demand').some(({ actionKey }) => actionKey === key),
    );
    const other = await peer(({ response }) => response.writeHead(421).end());
    const calls: Promise<unknown>[] = [];
    for (let n = 1; n <= 4; n++) {
      calls.push(cluster.guest(claimer!).invoke('many', { n }));
      await cluster.scheduler.demand(claimer!, n + 1, key);
    }
    cluster.hint(claimer!, key, other.address, 2);
    await until('two were forwarded', () => other.requests.length === 2);
    expect(other.requests.map(({ body }) => body.split('\n')[1]).sort()).toEqual(['{"n":1}', '{"n":2}']);
    await cluster.node.grant(claimer!, key);
    await Promise.all(calls);
    expect((await cluster.guest(one).record(queued.json.activationId as string)).response.result.n).toBe(0);
    expect(other.requests).toHaveLength(2);
  });
});
