// Several schedulers over one real Redis: one leads, the others stand by and say who does. Agents and controllers are fakes.
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { defaultLimits, type Limits } from '#limits';
import { admin, bearerMetadata, leaderHint, shareStates } from '#protocol';
import { silentLogger } from '#telemetry';
import { readConfig } from '../../apps/scheduler/src/config';
import { type RunningScheduler, startScheduler } from '../../apps/scheduler/src/start-scheduler';
import { FakeAgent } from '../support/fake-agent';
import { RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { FakeController, quietDemand } from './fake-controller';

const clusterSecret = 'cluster-secret-of-the-test';
const agentToken = 'agent-token-of-the-test';
const adminToken = 'admin-token-of-the-test';
const limits: Limits = { ...defaultLimits, leaderLeaseMs: 600, leaderRenewMs: 200, leaderTryMs: 50 };

let redis: RedisServer;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.end());
beforeEach(() => redis.ask('FLUSHALL'));
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Started extends RunningScheduler {
  isReady: boolean;
  readonly warnings: string[];
}

async function start(schedulerId: string): Promise<Started> {
  const state = { isReady: false, warnings: [] as string[] };
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (...words: unknown[]) => void state.warnings.push(String(words[words.length - 1])),
  });
  const listen = { host: '127.0.0.1', port: 0 };
  const scheduler = await startScheduler(
    {
      ...{ schedulerId, leaderFolder: '/nowhere', listen, adminListen: listen },
      ...{ clusterSecret, agentToken, adminToken, stemCells: [], limits },
      redis: { url: redis.url, advertise: undefined, adminAdvertise: undefined },
    },
    logger,
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
  const agent = new FakeAgent({ agentToken, clusterSecret });
  await agent.start(scheduler.addresses.listen);
  ends.push(() => agent.stop());
  return agent;
}

function controllerOf(scheduler: Started): FakeController {
  const controller = new FakeController(scheduler.addresses.listen, clusterSecret);
  ends.push(() => controller.close());
  return controller;
}

function adminOf(scheduler: Started): admin.AdminClient {
  const client = new admin.AdminClient(scheduler.addresses.admin, credentials.createInsecure());
  ends.push(() => client.close());
  return client;
}

const leaderOf = (client: admin.AdminClient): Promise<admin.Leader> =>
  new Promise((resolve, reject) => {
    client.getLeader({}, bearerMetadata(adminToken), (error, reply) => (error ? reject(error) : resolve(reply)));
  });

/** The first leads and has a node; the second stands by. */
async function pair(): Promise<{ leader: Started; standby: Started; agent: FakeAgent }> {
  const leader = await start('scheduler0');
  const agent = await agentOf(leader);
  await until('the first leads', () => leader.isReady);
  const standby = await start('scheduler1');
  await until('the second is ready as a standby', () => standby.isReady);
  return { leader, standby, agent };
}

describe('a standby', () => {
  it('names the leader to controllers, agents and operators', async () => {
    const { leader, standby, agent } = await pair();
    const controller = controllerOf(standby);
    controller.connect();
    await until('refused', () => controller.error);
    expect(leaderHint(controller.error!)).toBe(leader.addresses.listen);
    agent.beatTo(standby.addresses.listen);
    await until('refused', () => agent.lastHeartbeatError);
    expect(leaderHint(agent.lastHeartbeatError as ServiceError)).toBe(leader.addresses.listen);
    const refused = await leaderOf(adminOf(standby)).catch((error: unknown) => error as ServiceError);
    expect(leaderHint(refused as ServiceError)).toBe(leader.addresses.admin);
    expect(await leaderOf(adminOf(leader))).toMatchObject({ schedulerId: 'scheduler0', epoch: 1n });
  });

  it('names nobody to those without the secret', async () => {
    const { standby } = await pair();
    const stranger = new FakeController(standby.addresses.listen, 'not-the-cluster-secret');
    ends.push(() => stranger.close());
    stranger.connect();
    await until('refused', () => stranger.error);
    expect(stranger.error!.code).toBe(status.UNAUTHENTICATED);
    expect(stranger.error!.metadata.getMap()['hearth-leader']).toBeUndefined();
  });

  it('takes over at once when the leader stops, with a higher epoch and what the node has', async () => {
    const { leader, standby, agent } = await pair();
    const controller = controllerOf(leader);
    controller.connect();
    controller.demand();
    const grant = await controller.next('grant');
    const stoppedMs = performance.now();
    await leader.stop();
    await until('the stream is closed', () => controller.error);
    agent.beatTo(standby.addresses.listen);
    const again = controllerOf(standby);
    const { grantId, actionKey } = grant;
    const held = { containerId: grant.container!.id, grantId, actionKey, state: shareStates.UseState.BUSY, idleMs: 0 };
    const demand = { ...quietDemand, actionKey: 'guest|guest/other|1' };
    await until('the second leads', () => {
      again.connect({ containers: [held], demands: [demand] });
      return until('welcome or refused', () => again.all('welcome').length > 0 || again.error).then(
        () => again.all('welcome').length > 0,
      );
    });
    const other = await again.next('grant');
    expect(performance.now() - stoppedMs).toBeLessThan(limits.leaderLeaseMs);
    expect(other.grantId.startsWith('2.')).toBe(true);
    expect(agent.containers.get(grant.container!.id)!.note!.grantId).toBe(grantId);
  });

  it('of the same id as the leader takes another name, says so, and works', async () => {
    const { leader, standby, agent } = await pair();
    const namesake = await start('scheduler0');
    await until('ready', () => namesake.isReady);
    const { listen } = namesake.addresses;
    expect(namesake.warnings).toEqual([
      `scheduler scheduler0: another one of this id leads at ${leader.addresses.listen}; this one calls itself scheduler0@${listen} until it is started again. Give each a SCHEDULER_ID of its own.`,
    ]);
    expect(await leaderOf(adminOf(leader))).toMatchObject({ schedulerId: 'scheduler0', epoch: 1n });
    expect(agent.epoch).toBe(1n);
    await standby.stop();
    await leader.stop();
    const isLeader = (): Promise<admin.Leader | undefined> => leaderOf(adminOf(namesake)).catch(() => undefined);
    expect(await until('it leads', isLeader)).toMatchObject({ schedulerId: `scheduler0@${listen}` });
  });
});

describe('a leader', () => {
  it('that lost its data in Redis goes on above all epochs, after one change of leader at most', async () => {
    const { leader, standby, agent } = await pair();
    agent.epoch = 30n;
    await until('the epoch is raised', () => agent.epoch === 31n);
    await until('the standby has heard of it', async () =>
      String(await redis.ask('GET', '{hearth:leader}:record')).includes('"31"'),
    );
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.leaderTryMs));
    await redis.ask('FLUSHALL');
    const whoLeads = async (): Promise<admin.Leader | undefined> => {
      const answers = await Promise.all([leader, standby].map((one) => leaderOf(adminOf(one)).catch(() => undefined)));
      return answers.find((answer) => answer !== undefined);
    };
    const next = await until('somebody leads above it', async () => {
      const found = await whoLeads();
      return found && found.epoch > 31n && found;
    });
    expect(next.epoch).toBe(32n);
    agent.beatTo((next.schedulerId === 'scheduler0' ? leader : standby).addresses.listen);
    await until('the node is taken over', () => agent.epoch === 32n);
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.leaderLeaseMs));
    expect(await whoLeads()).toMatchObject({ epoch: 32n, schedulerId: next.schedulerId });
    expect(await redis.ask('GET', '{hearth:leader}:epoch')).toBe('32');
  });

  it('without Redis ends when its lease lapses, closes what it had open, and leads again without a restart', async () => {
    const { leader, standby, agent } = await pair();
    await standby.stop();
    const controller = controllerOf(leader);
    controller.connect();
    await controller.next('welcome');
    const watch = adminOf(leader).watch({}, bearerMetadata(adminToken));
    const watched = new Promise<ServiceError>((resolve) => watch.on('error', resolve));
    redis.pause();
    try {
      await until('the stream is closed', () => controller.error, 2 * limits.leaderLeaseMs);
      expect(controller.error!.code).toBe(status.UNAVAILABLE);
      expect((await watched).code).toBe(status.FAILED_PRECONDITION);
      const commands = agent.commands.length;
      await new Promise((resolve) => setTimeout(resolve, limits.leaderLeaseMs));
      expect(agent.commands.length).toBe(commands);
      await expect(leaderOf(adminOf(leader))).rejects.toMatchObject({ code: status.FAILED_PRECONDITION });
    } finally {
      redis.resume();
    }
    await until('it leads again', () => agent.epoch === 2n);
    controller.connect({ demands: [quietDemand] });
    expect((await controller.next('grant')).grantId.startsWith('2.')).toBe(true);
  });
});

describe('settings of leadership', () => {
  const env = {
    HEARTH_DATA_DIR: '/data',
    CLUSTER_SECRET: clusterSecret,
    AGENT_TOKEN: agentToken,
    ADMIN_TOKEN: adminToken,
    LEADER_LOCK: 'redis',
  };

  it.each([
    [{}, 'LEADER_LOCK is "redis" and REDIS_URL is not set: expected redis://host:port.'],
    [{ LEADER_LOCK: 'zookeeper' }, 'LEADER_LOCK is "zookeeper": expected local or redis.'],
    [
      { REDIS_URL: 'redis://a:1/16' },
      'REDIS_URL is "redis://a:1/16": expected redis://host:port, with /0 to /15 for a database.',
    ],
    [
      { REDIS_URL: 'redis://a:1', SCHEDULER_LISTEN: '0.0.0.0:3234' },
      'SCHEDULER_LISTEN is on every address and SCHEDULER_ADVERTISE is not set: expected host:port, as others reach it.',
    ],
    [
      { REDIS_URL: 'redis://a:1', LIMIT_LEADER_LEASE_MS: '1000', LIMIT_LEADER_RENEW_MS: '900' },
      'LIMIT_LEADER_RENEW_MS must be at most half of LIMIT_LEADER_LEASE_MS, or one lost renewal ends the leadership.',
    ],
  ])('%j is refused in one sentence', (changes, sentence) => {
    expect(() => readConfig({ ...env, ...changes })).toThrow(sentence);
  });

  it('names what others reach', () => {
    const advertised = { SCHEDULER_LISTEN: '0.0.0.0:3234', SCHEDULER_ADVERTISE: 'a.example:3234' };
    const { redis: found } = readConfig({ ...env, REDIS_URL: 'rediss://user:p%40ss@r.example:6380/2', ...advertised });
    expect(found).toEqual({
      url: 'rediss://user:p%40ss@r.example:6380/2',
      advertise: 'a.example:3234',
      adminAdvertise: undefined,
    });
  });
});
