import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { authorizationOf, bearerCheck, epochMost, heartbeat, leaderMetadata, protocolVersion } from '#protocol';
import { silentLogger } from '#telemetry';
import { Heartbeat } from './heartbeat';

const secret = 'a secret of the whole cluster';

/** A scheduler of which only the heartbeat is there. */
class Scheduler {
  readonly seen: heartbeat.HeartbeatRequest[] = [];
  mode: 'leads' | 'stands by' | 'is silent' | 'finds it wrong' = 'leads';
  epoch = 1n;
  protocolVersion = protocolVersion;
  /** Whom it names while it stands by. */
  leader: string | undefined;
  readonly server = new Server();
  address = '';

  async listen(port = 0): Promise<this> {
    const isAllowed = bearerCheck(secret);
    this.server.addService(heartbeat.NodesService, {
      heartbeat: (call, answer) => {
        if (!isAllowed(authorizationOf(call.metadata))) {
          return answer({ code: status.UNAUTHENTICATED, details: 'no', metadata: new Metadata() });
        }
        this.seen.push(call.request);
        if (this.mode === 'is silent') return;
        if (this.mode === 'finds it wrong') {
          return answer({ code: status.INVALID_ARGUMENT, details: 'too rare', metadata: new Metadata() });
        }
        if (this.mode === 'stands by') {
          return answer({
            code: status.FAILED_PRECONDITION,
            details: 'does not lead',
            metadata: leaderMetadata(this.leader),
          });
        }
        answer(null, { epoch: this.epoch, protocolVersion: this.protocolVersion });
      },
    } satisfies heartbeat.NodesServer);
    const bound = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
        error ? reject(error) : resolve(actual),
      );
    });
    this.address = `127.0.0.1:${bound}`;
    return this;
  }
}

let schedulers: Scheduler[];
let beats: Heartbeat[];
beforeEach(async () => {
  schedulers = [await new Scheduler().listen(), await new Scheduler().listen()];
  beats = [];
});
afterEach(() => {
  for (const beat of beats) beat.stop();
  for (const { server } of schedulers) server.forceShutdown();
});

function start(
  heartbeatMs = 100,
  onAccepted: (epoch: bigint) => void = () => undefined,
  clusterSecret = secret,
  listed = schedulers,
  logger = silentLogger,
): Heartbeat {
  const beat = new Heartbeat({
    schedulers: listed.map(({ address }) => address),
    clusterSecret,
    limits: { heartbeatMs, reconnectMs: 10 },
    logger,
    compose: () => heartbeat.HeartbeatRequest.fromPartial({ nodeId: 'node0', epoch: 9_007_199_254_740_993n }),
    onAccepted,
  });
  beats.push(beat);
  beat.start();
  return beat;
}

async function until(isIt: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isIt()) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it('beats, and again and again', async () => {
  const epochs: bigint[] = [];
  await start(500, (epoch) => epochs.push(epoch)).accepted;
  await until(() => schedulers[0]!.seen.length >= 3);
  expect(schedulers[0]!.seen[0]).toMatchObject({ nodeId: 'node0', epoch: 9_007_199_254_740_993n });
  expect(epochs[0]).toBe(1n);
  expect(schedulers[1]!.seen).toEqual([]);
});

it('looks for the leader, and stays with it', async () => {
  schedulers[0]!.mode = 'stands by';
  await start(20).accepted;
  // One that goes on asking both in turn never gets there.
  await until(() => schedulers[1]!.seen.length >= schedulers[0]!.seen.length + 5);
});

it('goes at once to the leader that a standby names, also if it is not listed', async () => {
  const [standby, leader] = schedulers as [Scheduler, Scheduler];
  standby.mode = 'stands by';
  standby.leader = leader.address;
  await start(10_000, undefined, secret, [standby]).accepted;
  expect([standby.seen.length, leader.seen.length]).toEqual([1, 1]);
  expect(leader.seen[0]!.nodeId).toBe('node0');
});

it('does not run after two that name each other', async () => {
  const [first, second] = schedulers as [Scheduler, Scheduler];
  for (const one of schedulers) one.mode = 'stands by';
  [first.leader, second.leader] = [second.address, first.address];
  const beat = start(100);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(beat.isAccepted).toBe(false);
  // Three calls in each turn, with a pause of 10 ms.
  expect(first.seen.length + second.seen.length).toBeLessThan(3 * 50);
  second.mode = 'leads';
  await until(() => beat.isAccepted);
});

it('does not wait for one that is silent', async () => {
  schedulers[0]!.mode = 'is silent';
  await start(50).accepted;
  expect(schedulers[1]!.seen.length).toBe(1);
});

it('finds a scheduler that comes back', async () => {
  const { address } = schedulers[0]!;
  schedulers[1]!.mode = 'stands by';
  const beat = start(50);
  await beat.accepted;
  schedulers[0]!.server.forceShutdown();
  await until(() => !beat.isAccepted);
  const again = await new Scheduler().listen(Number(address.split(':')[1]));
  schedulers.push(again);
  await until(() => beat.isAccepted);
  expect(again.seen.length).toBeGreaterThan(0);
});

it('looks for the next leader as soon as the connection to the one before ends', async () => {
  const [first, second] = schedulers as [Scheduler, Scheduler];
  const beat = start(10_000);
  await beat.accepted;
  const beganMs = performance.now();
  first.server.forceShutdown();
  await until(() => second.seen.length > 0);
  expect(performance.now() - beganMs).toBeLessThan(5_000);
});

it('says once that no leader is found, after a beat without one', async () => {
  const warnings: string[] = [];
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (text: string) => void warnings.push(text),
  });
  const [leader, standby] = schedulers as [Scheduler, Scheduler];
  standby.mode = 'stands by';
  const beat = start(200, undefined, secret, schedulers, logger);
  await beat.accepted;
  leader.mode = 'stands by';
  await until(() => !beat.isAccepted);
  expect(warnings).toEqual([]);
  await until(() => warnings.length > 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(warnings).toEqual([expect.stringMatching(/^heartbeat: not accepted \(127\.0\.0\.1:\d+: does not lead\)$/)]);
});

it('says once, and at once, that its heartbeats are wrong', async () => {
  const warnings: string[] = [];
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (text: string) => void warnings.push(text),
  });
  for (const scheduler of schedulers) scheduler.mode = 'finds it wrong';
  // What is only lost would be spoken of after a minute.
  start(60_000, undefined, secret, schedulers, logger);
  await until(() => schedulers[0]!.seen.length >= 5);
  expect(warnings).toEqual([expect.stringMatching(/^heartbeat: not accepted \(127\.0\.0\.1:\d+: too rare\)$/)]);
});

it('beats at once when something happened', async () => {
  const beat = start(10_000);
  await beat.accepted;
  beat.beatNow();
  beat.beatNow();
  await until(() => schedulers[0]!.seen.length >= 2);
});

it('does not listen to a leader that is refused', async () => {
  schedulers[1]!.epoch = 2n;
  const refusing = (epoch: bigint): void => {
    if (epoch < 2n) throw new Error('stale');
  };
  await start(20, refusing).accepted;
  await until(() => schedulers[1]!.seen.length >= 5);
  expect(schedulers[0]!.seen.length).toBeLessThan(3);
});

it.each([
  ['of another protocol version', { protocolVersion: 99 }],
  ['of an epoch that no leader can have', { epoch: epochMost + 1n }],
])('does not listen to a leader %s', async (_, wrong) => {
  Object.assign(schedulers[0]!, wrong);
  const heard: bigint[] = [];
  await start(20, (epoch) => heard.push(epoch)).accepted;
  await until(() => schedulers[1]!.seen.length >= 5);
  expect(schedulers[0]!.seen.length).toBeLessThan(3);
  expect(new Set(heard)).toEqual(new Set([1n]));
});

it('is refused with another secret', async () => {
  const beat = start(20, () => undefined, 'the secret of another cluster');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(beat.isAccepted).toBe(false);
  expect(schedulers[0]!.seen).toEqual([]);
});
