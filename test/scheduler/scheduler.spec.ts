// The scheduler as its neighbours see it: real gRPC, real HTTP, real lock and epoch files; agents and controllers are fakes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status } from '@grpc/grpc-js';
import { defaultLimits, type Limits } from '#limits';
import { admin, bearerMetadata, protocolVersion, shareStates } from '#protocol';
import { silentLogger } from '#telemetry';
import { type RunningScheduler, startScheduler } from '../../apps/scheduler/src/start-scheduler';
import { FakeAgent, type FakeAgentSettings } from '../support/fake-agent';
import { until } from '../support/until';
import { FakeController, quietDemand } from './fake-controller';

const clusterSecret = 'cluster-secret-of-the-test';
const agentToken = 'agent-token-of-the-test';
const adminToken = 'admin-token-of-the-test';

let folder: string;
const ends: (() => Promise<void> | void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-scheduler-'));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true });
});

interface Started extends RunningScheduler {
  isReady: boolean;
  readonly listen: string;
}

async function start(limits: Partial<Limits> = {}, stemCells = 0): Promise<Started> {
  const state = { isReady: false };
  const scheduler = await startScheduler(
    {
      schedulerId: 'scheduler0',
      leaderFolder: folder,
      listen: { host: '127.0.0.1', port: 0 },
      adminListen: { host: '127.0.0.1', port: 0 },
      clusterSecret,
      agentToken,
      adminToken,
      stemCells: stemCells > 0 ? [{ kind: 'nodejs:20', memoryMb: 256, count: stemCells }] : [],
      limits: { ...defaultLimits, ...limits },
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
  return Object.assign(state, { addresses: scheduler.addresses, listen: scheduler.addresses.listen, stop });
}

async function agentOf(scheduler: Started, settings: Partial<FakeAgentSettings> = {}): Promise<FakeAgent> {
  const agent = new FakeAgent({ agentToken, clusterSecret, ...settings });
  await agent.start(scheduler.listen);
  ends.push(() => agent.stop());
  return agent;
}

function controllerOf(
  scheduler: Started,
  id = 'controller0',
  incarnation = 1n,
  secret = clusterSecret,
): FakeController {
  const controller = new FakeController(scheduler.listen, secret, id, incarnation);
  ends.push(() => controller.close());
  return controller;
}

const ready = (scheduler: Started): Promise<true> => until('scheduler is ready', () => scheduler.isReady);

describe('demand to grant', () => {
  it('creates a container with the note of its owner and grants it', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler, { createDelayMs: 40 });
    await ready(scheduler);
    const controller = controllerOf(scheduler);
    controller.connect();
    expect(await controller.next('welcome')).toEqual({ protocolVersion });
    const beganMs = performance.now();
    controller.demand();
    const grant = await controller.next('grant');
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    expect(grant.start).toBe(shareStates.Start.COLD);
    expect(grant.actionKey).toBe(quietDemand.actionKey);
    const container = agent.containers.get(grant.container!.id)!;
    expect(container.note).toEqual({
      owner: 'controller0',
      incarnation: '1',
      actionKey: quietDemand.actionKey,
      namespace: 'guest',
      grantId: grant.grantId,
      epoch: '1',
      logLimitMb: 10,
    });
    expect(grant.container!.addresses!.container).toBe(container.addresses.container);
  });

  it('binds a stem cell before it grants it, and starts its replacement', async () => {
    const scheduler = await start({}, 2);
    const agent = await agentOf(scheduler);
    await until(
      'two stem cells',
      () => [...agent.containers.values()].filter(({ state }) => state === 'running').length === 2,
    );
    const controller = controllerOf(scheduler);
    controller.connect();
    controller.demand();
    const grant = await controller.next('grant');
    expect(grant.start).toBe(shareStates.Start.PREWARMED);
    expect(agent.commands).toContain(`PUT /containers/${grant.container!.id}/bind`);
    expect(agent.containers.get(grant.container!.id)!.note!.grantId).toBe(grant.grantId);
    await until('its replacement', () => [...agent.containers.values()].filter(({ note }) => !note).length === 2);
  });

  it('tells a controller that the image is wrong', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    agent.failCreationsWith = 'cannot-create';
    await ready(scheduler);
    const controller = controllerOf(scheduler);
    controller.connect();
    controller.demand();
    const failed = await controller.next('failed');
    expect(failed.class).toBe(shareStates.Failed_Class.DEVELOPER);
    expect(failed.actionKey).toBe(quietDemand.actionKey);
  });
});

describe('streams', () => {
  it('lose and reorder nothing when a controller reads slowly', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    await ready(scheduler);
    const controller = controllerOf(scheduler);
    controller.connect();
    await controller.next('welcome');
    controller.pause();
    const count = 300;
    const name = 'n'.repeat(1_500);
    for (let key = 0; key < count; key += 1)
      controller.demand({ actionKey: `guest|guest/${name}${key}|1`, kind: 'nobody:1' });
    controller.demand({ actionKey: 'guest|guest/last|1' });
    await until('the last demand arrives', () => agent.containers.size > 0);
    expect(controller.all('denied').length).toBeLessThan(count);
    controller.resume();
    await controller.next('grant');
    await controller.next('denied', count);
    const numbers = controller.received.map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  });

  it('end with a reason when the scheduler stops, and containers are left alone', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    await ready(scheduler);
    const controller = controllerOf(scheduler);
    controller.connect();
    controller.demand();
    await controller.next('grant');
    await scheduler.stop();
    await until('the stream ends', () => controller.error);
    expect(controller.error).toMatchObject({ code: status.UNAVAILABLE });
    expect(controller.error!.details).toContain('does not lead any more');
    expect(agent.commands.filter((command) => command.startsWith('DELETE'))).toEqual([]);
    expect(agent.containers.size).toBe(1);
  });
});

describe('takeover', () => {
  it('adopts what it finds, with a higher epoch, and serves the demands of the Hello', async () => {
    const first = await start();
    const agent = await agentOf(first);
    await ready(first);
    const controller = controllerOf(first);
    controller.connect();
    controller.demand();
    const grant = await controller.next('grant');
    await first.stop();

    const second = await start();
    agent.beatTo(second.listen);
    const again = new FakeController(second.listen, clusterSecret);
    ends.push(() => again.close());
    const { id } = grant.container!;
    const held = { containerId: id, grantId: grant.grantId, actionKey: grant.actionKey, state: 1, idleMs: 0 };
    again.connect({ containers: [held], demands: [{ ...quietDemand, actionKey: 'guest|guest/other|1' }] });
    const other = await again.next('grant');
    expect(other.actionKey).toBe('guest|guest/other|1');
    expect(other.grantId.startsWith('2.')).toBe(true);
    expect(again.received[0]!.epoch).toBe(2n);
    expect(agent.containers.get(id)!.note!.grantId).toBe(grant.grantId);
    expect(again.all('gone')).toEqual([]);
    expect(agent.commands.filter((command) => command.startsWith('DELETE'))).toEqual([]);
  });

  it('answers a Hello that claims the container of another controller with Gone', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    await ready(scheduler);
    const owner = controllerOf(scheduler);
    owner.connect();
    owner.demand();
    const grant = await owner.next('grant');
    const thief = controllerOf(scheduler, 'controller1');
    const claim = {
      containerId: grant.container!.id,
      grantId: '1.99',
      actionKey: grant.actionKey,
      state: 2,
      idleMs: 0,
    };
    thief.connect({ containers: [claim] });
    expect(await thief.next('gone')).toMatchObject({ containerId: claim.containerId, grantId: '1.99' });
    expect(owner.all('gone')).toEqual([]);
    expect(agent.containers.get(claim.containerId)!.note!.owner).toBe('controller0');
  });

  it('raises its epoch above a higher one that an agent has stored, and goes on', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler, { epoch: 41n });
    const controller = controllerOf(scheduler);
    controller.connect();
    await until('the stream is closed or the leader moved on', () => agent.epoch === 42n);
    await ready(scheduler);
    await until(
      'the old stream is closed',
      () => controller.error?.code === status.UNAVAILABLE || controller.received[0]?.epoch === 42n,
    );
    controller.connect();
    controller.demand();
    const grant = await controller.next('grant');
    expect(grant.grantId.startsWith('42.')).toBe(true);
    expect(controller.received[0]!.epoch).toBe(42n);
  });

  it('does as much when the higher epoch is heard in the middle of work', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    await ready(scheduler);
    const controller = controllerOf(scheduler);
    controller.connect();
    await controller.next('welcome');
    agent.silence();
    agent.epoch = 7n;
    controller.demand();
    await until('the stream is closed', () => controller.error?.code === status.UNAVAILABLE);
    controller.connect({ demands: [quietDemand] });
    const grant = await controller.next('grant');
    expect(grant.grantId.startsWith('8.')).toBe(true);
  });
});

describe('callers that are refused', () => {
  it('refuses a wrong cluster secret', async () => {
    const scheduler = await start();
    const controller = controllerOf(scheduler, 'controller0', 1n, 'not-the-cluster-secret');
    controller.connect();
    await until('an error', () => controller.error);
    expect(controller.error!.code).toBe(status.UNAUTHENTICATED);
    const agent = await agentOf(scheduler, { clusterSecret: 'not-the-cluster-secret' });
    await until('a refused heartbeat', () => agent.lastHeartbeatError);
    expect(scheduler.isReady).toBe(false);
  });

  it('refuses another protocol version and names both', async () => {
    const scheduler = await start();
    const controller = controllerOf(scheduler);
    controller.connect({ protocolVersion: 99 });
    await until('an error', () => controller.error);
    expect(controller.error!.code).toBe(status.FAILED_PRECONDITION);
    expect(controller.error!.details).toContain('99');
    expect(controller.error!.details).toContain(`speaks ${protocolVersion};`);
    const agent = await agentOf(scheduler, { protocolVersion: 99 });
    await until('a refused heartbeat', () => agent.lastHeartbeatError?.message.includes('99'));
  });

  it('refuses an agent that it would suspect between two heartbeats, and says both times', async () => {
    const scheduler = await start({ nodeSuspectedMs: 3_000 });
    const enough = await agentOf(scheduler, { intervalMs: 1_500 });
    await until('the other is accepted', () => enough.epoch > 0n);
    const agent = await agentOf(scheduler, { nodeId: 'node1', intervalMs: 1_501 });
    await until('a refused heartbeat', () => agent.lastHeartbeatError);
    expect(agent.lastHeartbeatError).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details:
        'heartbeat: node node1 says that it lives every 1501 ms, and is suspected here after 3000 ms; ' +
        'give all apps the same limits, LIMIT_NODE_SUSPECTED_MS at least twice LIMIT_HEARTBEAT_MS.',
    });
    expect(agent.epoch).toBe(0n);
  });

  it('supersedes a lower incarnation and tells it so', async () => {
    const scheduler = await start();
    const old = controllerOf(scheduler, 'controller0', 1n);
    old.connect();
    await old.next('welcome');
    const young = controllerOf(scheduler, 'controller0', 2n);
    young.connect();
    await young.next('welcome');
    expect(await old.next('superseded')).toEqual({ incarnation: 2n });
    await until('the old stream ends', () => old.error?.code === status.ABORTED);
    old.connect();
    expect(await old.next('superseded')).toEqual({ incarnation: 2n });
  });

  it('refuses a second scheduler on the same data directory in one sentence', async () => {
    await start();
    await expect(start({ leaderLeaseMs: 200 })).rejects.toThrow(/another scheduler leads on .*HEARTH_DATA_DIR/);
  });

  it('serves admin only with its token', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler);
    await ready(scheduler);
    const client = new admin.AdminClient(scheduler.addresses.admin, credentials.createInsecure());
    ends.push(() => client.close());
    const list = (token: string): Promise<admin.ListNodesReply> =>
      new Promise((resolve, reject) =>
        client.listNodes({}, bearerMetadata(token), (error, reply) => (error ? reject(error) : resolve(reply))),
      );
    await expect(list(clusterSecret)).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    expect((await list(adminToken)).nodes).toMatchObject([{ id: agent.nodeId, state: 'alive', memoryMb: 1_024 }]);
    const step = new Promise((resolve) => client.stepDown({}, bearerMetadata(adminToken), resolve));
    expect(await step).toMatchObject({ code: status.ABORTED });
  });

  it('cordons at the agent, so that it survives this leader, and places nothing there', async () => {
    const scheduler = await start();
    const agent = await agentOf(scheduler, { heartbeatMs: 20_000 });
    await ready(scheduler);
    const client = new admin.AdminClient(scheduler.addresses.admin, credentials.createInsecure());
    ends.push(() => client.close());
    const ask = (method: 'cordon' | 'uncordon', nodeId: string): Promise<admin.NodeReply> =>
      new Promise((resolve, reject) =>
        client[method]({ nodeId }, bearerMetadata(adminToken), (error, reply) =>
          error ? reject(error) : resolve(reply),
        ),
      );
    expect((await ask('cordon', 'node0')).node).toMatchObject({ id: 'node0', cordoned: true });
    expect(agent.cordon).toBe('cordoned');
    const controller = controllerOf(scheduler);
    controller.connect();
    controller.demand();
    await controller.next('welcome');
    await ask('uncordon', 'node0');
    expect(controller.all('grant')).toEqual([]);
    await controller.next('grant');
    await expect(ask('cordon', 'nowhere')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('shows admin what there is, and events as they happen', async () => {
    const scheduler = await start();
    await agentOf(scheduler);
    await ready(scheduler);
    const client = new admin.AdminClient(scheduler.addresses.admin, credentials.createInsecure());
    ends.push(() => client.close());
    const events: admin.Event[] = [];
    const watch = client.watch({}, bearerMetadata(adminToken));
    watch.on('data', (event: admin.Event) => events.push(event));
    watch.on('error', () => undefined);
    const leader = await new Promise<admin.Leader>((resolve, reject) =>
      client.getLeader({}, bearerMetadata(adminToken), (error, reply) => (error ? reject(error) : resolve(reply))),
    );
    expect(leader).toMatchObject({ schedulerId: 'scheduler0', epoch: 1n });
    const controller = controllerOf(scheduler);
    controller.connect();
    controller.demand({ actionKey: 'guest|guest/seen|1' });
    const { container } = await controller.next('grant');
    await until('the event of the grant', () =>
      events.some(({ id, what }) => id === container!.id && what.startsWith('granted')),
    );
    const rows = await new Promise<admin.ContainerRow[]>((resolve, reject) =>
      client.listContainers(
        { nodeId: '', actionKey: 'guest|guest/seen|1' },
        bearerMetadata(adminToken),
        (error, reply) => (error ? reject(error) : resolve(reply.containers)),
      ),
    );
    expect(rows).toMatchObject([{ id: container!.id, state: 'busy', owner: 'controller0' }]);
    watch.cancel();
  });
});
