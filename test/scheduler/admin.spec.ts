// What operators tell the leader, over real gRPC and a real Redis; agents and controllers are fakes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallOptions, credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { defaultLimits, type Limits } from '#limits';
import { admin, bearerMetadata, leaderHint } from '#protocol';
import { silentLogger } from '#telemetry';
import { type RunningScheduler, startScheduler } from '../../apps/scheduler/src/start-scheduler';
import { FakeAgent } from '../support/fake-agent';
import { healthOf, listServices } from '../support/grpc-services';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { FakeController } from './fake-controller';

const clusterSecret = 'cluster-secret-of-the-test';
const agentToken = 'agent-token-of-the-test';
const adminToken = 'admin-token-of-the-test';
const limits: Limits = {
  ...defaultLimits,
  ...{ leaderLeaseMs: 600, leaderRenewMs: 200, leaderTryMs: 50, settleMs: 100, inventoryRetryMs: 100 },
};
const cells = { kind: 'nodejs:20', memoryMb: 256, asConfigured: false };

let redis: RedisServer;
let folder: string;
const ends: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.end());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-admin-'));
  await redis.ask('FLUSHALL');
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true });
});

interface Started extends RunningScheduler {
  isReady: boolean;
}

async function start(schedulerId: string, isElected = true): Promise<Started> {
  const state = { isReady: false };
  const listen = { host: '127.0.0.1', port: 0 };
  const scheduler = await startScheduler(
    {
      ...{
        schedulerId,
        leaderFolder: folder,
        listen,
        adminListen: listen,
        clusterSecret,
        agentToken,
        adminToken,
        limits,
      },
      stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }],
      ...(isElected && { redis: { url: redis.url, advertise: undefined, adminAdvertise: undefined } }),
    },
    silentLogger,
    () => (state.isReady = true),
  );
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await scheduler.stop();
    isStopped = true;
  };
  ends.push(stop);
  return Object.assign(state, { addresses: scheduler.addresses, stop });
}

async function agentOf(scheduler: Started): Promise<FakeAgent> {
  const agent = new FakeAgent({ agentToken, clusterSecret, memoryMb: 4_096, parallelCreations: 16 });
  await agent.start(scheduler.addresses.listen);
  ends.push(() => agent.stop());
  return agent;
}

function clientOf({ addresses }: Started): admin.AdminClient {
  const client = new admin.AdminClient(addresses.admin, credentials.createInsecure());
  ends.push(() => client.close());
  return client;
}

type Method<Request, Reply> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  answer: (error: ServiceError | null, reply: Reply) => void,
) => unknown;

/** Calls a method of the client; rejects with the gRPC error. */
function ask<Request, Reply>(
  client: admin.AdminClient,
  method: Method<Request, Reply>,
  request: Request,
  token = adminToken,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    method.call(client, request, bearerMetadata(token), {}, (error, reply) => (error ? reject(error) : resolve(reply)));
  });
}

const cellsAt = (agent: FakeAgent): number => [...agent.containers.values()].filter(({ note }) => !note).length;

async function pair(): Promise<{ leader: Started; standby: Started; agent: FakeAgent }> {
  const leader = await start('scheduler0');
  const agent = await agentOf(leader);
  await until('the first leads', () => leader.isReady);
  const standby = await start('scheduler1');
  await until('the second stands by', () => standby.isReady);
  return { leader, standby, agent };
}

describe('stem cells', () => {
  it('set by an operator hold for the next leader, until they are as configured again', async () => {
    const { leader, standby, agent } = await pair();
    const client = clientOf(leader);
    await until('the configured one', () => cellsAt(agent) === 1);
    const events: admin.Event[] = [];
    const watch = client.watch({}, bearerMetadata(adminToken));
    watch.on('data', (event: admin.Event) => events.push(event)).on('error', () => undefined);
    const { stemCells } = await ask(client, client.setStemCells, { ...cells, count: 3 });
    expect(stemCells).toMatchObject([
      { kind: 'nodejs:20', memoryMb: 256, count: 3, configured: 1, setByOperator: true },
    ]);
    await until('three', () => cellsAt(agent) === 3);
    await until('it is told', () =>
      events.some(({ subject, what }) => subject === 'stem-cells' && what === '1 -> 3 on each node'),
    );
    await leader.stop();
    agent.beatTo(standby.addresses.listen);
    await until('the second leads', () => agent.epoch === 2n);
    const next = clientOf(standby);
    const listed = await until('it has read them', async () => {
      const reply = await ask(next, next.listStemCells, {}).catch(() => undefined);
      return reply?.stemCells[0]?.setByOperator && reply.stemCells;
    });
    expect(listed).toMatchObject([{ count: 3, configured: 1 }]);
    await until('it knows the node', async () => (await ask(next, next.listStemCells, {})).stemCells[0]?.ready === 3);
    await ask(next, next.setStemCells, { ...cells, count: 0, asConfigured: true });
    await until('one again', () => cellsAt(agent) === 1);
    expect(await redis.ask('GET', '{hearth:leader}:stem-cells')).toBe('[]');
  });

  it('are kept in the data directory where leadership is local, and a damaged file counts as none', async () => {
    const first = await start('scheduler0', false);
    const agent = await agentOf(first);
    await until('it leads', () => first.isReady);
    const client = clientOf(first);
    await ask(client, client.setStemCells, { ...cells, count: 2 });
    await until('two', () => cellsAt(agent) === 2);
    await first.stop();
    const second = clientOf(await start('scheduler0', false));
    const count = (): Promise<number | undefined> =>
      ask(second, second.listStemCells, {}).then(({ stemCells }) => stemCells[0]?.count);
    await until('two again', async () => (await count()) === 2);
    await ends.pop()!();
    await ends.pop()!();
    writeFileSync(join(folder, 'stem-cells.json'), '{');
    const third = clientOf(await start('scheduler0', false));
    expect((await ask(third, third.listStemCells, {})).stemCells).toMatchObject([{ count: 1, setByOperator: false }]);
  });

  it('are refused with one sentence, and nothing is changed', async () => {
    const leader = await start('scheduler0');
    await agentOf(leader);
    await until('it leads', () => leader.isReady);
    const client = clientOf(leader);
    await expect(ask(client, client.setStemCells, { ...cells, kind: 'perl:5', count: 1 })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: 'admin: no node offers the kind "perl:5"; there are nodejs:20.',
    });
    expect(await redis.ask('GET', '{hearth:leader}:stem-cells')).toBeNull();
  });

  it('are not set by a leader that was overtaken', async () => {
    const leader = await start('scheduler0');
    await agentOf(leader);
    await until('it leads', () => leader.isReady);
    const client = clientOf(leader);
    await ask(client, client.setStemCells, { ...cells, count: 1 });
    await redis.ask('SET', '{hearth:leader}:epoch', '77');
    await expect(ask(client, client.setStemCells, { ...cells, count: 3 })).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: 'admin: this scheduler stopped leading meanwhile; ask again.',
    });
    expect((await ask(client, client.listStemCells, {})).stemCells).toMatchObject([{ count: 1 }]);
  });
});

describe('draining and evicting', () => {
  it('retires at the owner, removes at the agent, and is undone by returning the node', async () => {
    const { leader, agent } = await pair();
    const controller = new FakeController(leader.addresses.listen, clusterSecret);
    ends.push(() => controller.close());
    controller.connect();
    controller.demand();
    const grant = await controller.next('grant');
    controller.demand({ waiting: 0, owned: 1, inFlight: 1 });
    const client = clientOf(leader);
    const { node } = await ask(client, client.drain, { nodeId: 'node0' });
    expect(node).toMatchObject({ id: 'node0', cordoned: true, draining: true });
    expect(agent.cordon).toBe('draining');
    const { containerId, grantId } = await controller.next('retire');
    expect(containerId).toBe(grant.container!.id);
    // The leader hears of a removal, and of what drains, after the agent knows it.
    const isLeft = async (): Promise<boolean> => {
      const { containers, busy, draining } = (await ask(client, client.listNodes, {})).nodes[0]!;
      return containers === 1 && busy === 1 && draining;
    };
    await until('only that one is left', isLeft);
    expect([...agent.containers.keys()]).toEqual([containerId]);
    controller.say({ $case: 'drained', value: { containerId, grantId } });
    await until('it is empty', () => agent.containers.size === 0);
    controller.demand({ waiting: 1, owned: 0, actionKey: 'guest|guest/other|1' });
    expect((await ask(client, client.uncordon, { nodeId: 'node0' })).node).toMatchObject({
      cordoned: false,
      draining: false,
    });
    const other = await controller.next('grant', 2);
    await ask(client, client.evictContainer, { containerId: other.container!.id });
    expect(await controller.next('retire', 2)).toMatchObject({ containerId: other.container!.id });
    await expect(ask(client, client.evictContainer, { containerId: 'nothing' })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  it('is kept when the epoch is raised, although the heartbeat that is remembered was before it', async () => {
    const { leader, agent } = await pair();
    agent.silence();
    const client = clientOf(leader);
    await ask(client, client.drain, { nodeId: 'node0' });
    const other = new FakeAgent({ agentToken, clusterSecret, nodeId: 'node1', epoch: 500n });
    await other.start(leader.addresses.listen);
    ends.push(() => other.stop());
    await until('the epoch is raised', () => other.epoch === 501n);
    const { nodes } = await ask(client, client.listNodes, {});
    expect(nodes.find(({ id }) => id === 'node0')).toMatchObject({ cordoned: true, draining: true });
  });

  it('says so when the agent does not answer', async () => {
    const { leader, agent } = await pair();
    await agent.stop();
    const client = clientOf(leader);
    await expect(ask(client, client.drain, { nodeId: 'node0' })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect((await ask(client, client.listNodes, {})).nodes).toMatchObject([{ cordoned: false, draining: false }]);
  });
});

describe('stepping down', () => {
  it('lets the standby lead, which the former leader then names', async () => {
    const { leader, standby } = await pair();
    const former = clientOf(leader);
    const events: admin.Event[] = [];
    const watch = former.watch({}, bearerMetadata(adminToken));
    watch.on('data', (event: admin.Event) => events.push(event)).on('error', () => undefined);
    await ask(former, former.listNodes, {});
    await ask(former, former.stepDown, {});
    const next = clientOf(standby);
    await until('the other leads', () => ask(next, next.getLeader, {}).catch(() => undefined));
    const hint = await until('the former names it', async () => {
      const refused = await ask(former, former.getLeader, {}).catch((error: unknown) => error as ServiceError);
      return leaderHint(refused as ServiceError);
    });
    expect(hint).toBe(standby.addresses.admin);
    expect(events).toMatchObject([{ subject: 'leader', id: 'epoch 1', what: 'steps down' }]);
  });

  it('is refused where nobody could lead instead', async () => {
    const alone = clientOf(await start('scheduler0', false));
    await expect(ask(alone, alone.stepDown, {})).rejects.toMatchObject({
      code: status.ABORTED,
      details: 'admin: leadership is local (LEADER_LOCK=local), so no other scheduler could lead; stop it instead.',
    });
  });
});

describe('those without the token', () => {
  it('get nothing from any method, and change nothing', async () => {
    const { leader, standby, agent } = await pair();
    for (const client of [clientOf(leader), clientOf(standby)]) {
      const calls: ((token: string) => Promise<unknown>)[] = [
        (token) => ask(client, client.getLeader, {}, token),
        (token) => ask(client, client.listContainers, { nodeId: '', actionKey: '' }, token),
        (token) => ask(client, client.drain, { nodeId: 'node0' }, token),
        (token) => ask(client, client.setStemCells, { ...cells, count: 9 }, token),
        (token) => ask(client, client.evictContainer, { containerId: [...agent.containers.keys()][0] ?? '' }, token),
        (token) => ask(client, client.stepDown, {}, token),
      ];
      for (const call of calls) {
        const error = (await call('wrong-token-of-the-test').catch((thrown: unknown) => thrown)) as ServiceError;
        expect(error.code).toBe(status.UNAUTHENTICATED);
        expect(error.metadata.getMap()['hearth-leader']).toBeUndefined();
      }
    }
    const client = clientOf(leader);
    expect(await ask(client, client.getLeader, {})).toMatchObject({ epoch: 1n });
    expect(agent.cordon).toBe('open');
  });
});

describe('services of gRPC on the admin port', () => {
  it('say who serves: leader, standby, and one that knows no leader', async () => {
    const { leader, standby } = await pair();
    const [atLeader, atStandby] = [leader, standby].map(({ addresses }) => {
      const client = healthOf(addresses.admin);
      ends.push(() => client.close());
      return client;
    });
    expect(await atLeader!.check('')).toBe('SERVING');
    expect(await atLeader!.check('hearth.admin.v1.Admin')).toBe('SERVING');
    expect(await atStandby!.check('')).toBe('SERVING');
    expect(await atStandby!.check('hearth.admin.v1.Admin')).toBe('NOT_SERVING');
    await leader.stop();
    await until('the standby leads', async () => (await atStandby!.check('hearth.admin.v1.Admin')) === 'SERVING');
    redis.pause();
    try {
      await until('it serves nothing without Redis', async () => (await atStandby!.check('')) === 'NOT_SERVING');
    } finally {
      redis.resume();
    }
    await until('it leads again', async () => (await atStandby!.check('')) === 'SERVING');
  });

  it.each(['v1', 'v1alpha'] as const)('describe themselves by reflection %s', async (version) => {
    const leader = await start('scheduler0');
    const { services, methods } = await listServices(leader.addresses.admin, version, 'hearth.admin.v1.Admin');
    expect(services).toEqual(expect.arrayContaining(['grpc.health.v1.Health', 'hearth.admin.v1.Admin']));
    expect(methods).toEqual(expect.arrayContaining(['Drain', 'SetStemCells', 'EvictContainer', 'StepDown', 'Watch']));
  });
});
