// How a controller finds the leader: real gRPC, schedulers of which only the stream is there.
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { systemClock } from '#clock';
import { defaultLimits } from '#limits';
import { leaderMetadata, protocolVersion, shareStates as wire } from '#protocol';
import { silentLogger } from '#telemetry';
import type { SchedulerSession } from './scheduler-session';
import { ShareStatesStream } from './share-states.grpc';
import { ShareStates, type Truth } from './share-states';
import { nothing as nothingOf } from './told-demand';

const reconnectMs = 30;
const limits = { ...defaultLimits, reconnectMs, welcomeTimeoutMs: 300 };

class Scheduler {
  mode: 'leads' | 'stands by' | 'is silent' = 'stands by';
  /** Whom it names while it stands by. */
  leader: string | undefined;
  address = '';
  version = protocolVersion;
  epoch = 1n;
  attempts = 0;
  private readonly server = new Server();
  private readonly calls = new Set<ServerDuplexStream<wire.ControllerMessage, wire.SchedulerMessage>>();

  async listen(): Promise<this> {
    this.server.addService(wire.ShareStatesService, {
      connect: (call) => {
        this.attempts += 1;
        if (this.mode === 'stands by') {
          const details = 'does not lead';
          return void call.emit('error', { code: status.FAILED_PRECONDITION, details, metadata: leaderMetadata(this.leader) }); // prettier-ignore
        }
        this.calls.add(call);
        call.on('data', () => {
          if (this.mode === 'leads') call.write({ number: 1, epoch: this.epoch, body: { $case: 'welcome', value: { protocolVersion: this.version } } }); // prettier-ignore
        });
        call.on('error', () => this.calls.delete(call));
        call.on('end', () => call.end());
      },
    } satisfies wire.ShareStatesServer);
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      this.server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    this.address = `127.0.0.1:${port}`;
    return this;
  }

  /** It leads no more. */
  close(leader?: string): void {
    this.mode = 'stands by';
    this.leader = leader;
    for (const call of this.calls)
      call.emit('error', { code: status.UNAVAILABLE, details: 'lost', metadata: leaderMetadata(undefined) });
    this.calls.clear();
  }

  end(): void {
    this.server.forceShutdown();
  }
}

const nothing: Truth<never> = {
  reports: () => [],
  container: (none) => none,
  demand: nothingOf,
  waitingKeys: () => [],
  state: (none) => none,
};

let schedulers: Scheduler[];
let stream: ShareStatesStream;

beforeEach(async () => {
  schedulers = [await new Scheduler().listen(), await new Scheduler().listen()];
});
afterEach(async () => {
  await stream.close();
  for (const scheduler of schedulers) scheduler.end();
});

/** Answers what was warned. */
function open(addresses = schedulers.map(({ address }) => address)): string[] {
  const warnings: string[] = [];
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (text: string) => void warnings.push(text),
  });
  const identity = { controllerId: 'controller0', incarnation: 1n, address: '' };
  const shareStates = new ShareStates(identity, nothing, limits);
  const session = { shareStates, wake: () => undefined, obey: () => undefined } as unknown as SchedulerSession;
  stream = new ShareStatesStream(addresses, 'secret', session, limits, systemClock, logger, () => undefined);
  void stream.open();
  return warnings;
}

async function until(isIt: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isIt()) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

it('is connected when the leader has said Welcome, not before', async () => {
  const [first, second] = schedulers as [Scheduler, Scheduler];
  first.mode = 'is silent';
  open([first.address]);
  await until(() => first.attempts > 0);
  expect(stream.isConnected).toBe(false);
  second.mode = 'leads';
  first.close(second.address);
  await until(() => stream.isConnected);
});

it('goes at once to the leader that a standby names, also if it is not listed', async () => {
  const [standby, leader] = schedulers as [Scheduler, Scheduler];
  standby.leader = leader.address;
  leader.mode = 'leads';
  open([standby.address]);
  await until(() => stream.isConnected);
  expect([standby.attempts, leader.attempts]).toEqual([1, 1]);
});

it('follows the leadership from one to the other and back', async () => {
  const [first, second] = schedulers as [Scheduler, Scheduler];
  first.mode = 'leads';
  open();
  await until(() => stream.isConnected);
  for (const [old, young] of [
    [first, second],
    [second, first],
  ] as const) {
    young.mode = 'leads';
    const { attempts } = young;
    old.close(young.address);
    // It may be without a leader for less than a millisecond, so that is not what is waited for.
    await until(() => young.attempts > attempts && stream.isConnected);
  }
  expect(first.attempts).toBe(2);
});

it('leaves a scheduler that says nothing', async () => {
  const [silent, leader] = schedulers as [Scheduler, Scheduler];
  silent.mode = 'is silent';
  leader.mode = 'leads';
  const warnings = open();
  await until(() => stream.isConnected);
  expect(warnings).toEqual([`share-states: stream lost (${silent.address} said nothing for 300 ms); trying again`]);
});

it.each([
  [
    'of another protocol version',
    { version: 99 },
    'it speaks protocol version 99, this process 1; run the same release',
  ],
  [
    'of an epoch that no leader can have',
    { epoch: 2n ** 63n },
    'its epoch 9223372036854775808 is one that no leader can have; look for a damaged epoch file',
  ],
])('leaves a scheduler %s, says why, and goes on to another', async (_, wrong, why) => {
  const [first, leader] = schedulers as [Scheduler, Scheduler];
  Object.assign(first, { mode: 'leads' }, wrong);
  leader.mode = 'leads';
  const warnings = open();
  await until(() => stream.isConnected);
  expect(leader.attempts).toBe(1);
  expect(warnings).toEqual([`share-states: stream lost (${first.address}: ${why}); trying again`]);
});

it('does not run after two that name each other, and does not log each attempt', async () => {
  const [first, second] = schedulers as [Scheduler, Scheduler];
  [first.leader, second.leader] = [second.address, first.address];
  const warnings = open();
  await new Promise((resolve) => setTimeout(resolve, 20 * reconnectMs));
  // Two attempts, and then a pause.
  expect(first.attempts + second.attempts).toBeLessThanOrEqual(2 * 21);
  expect(first.attempts + second.attempts).toBeGreaterThan(4);
  expect(warnings).toEqual([expect.stringContaining('does not lead')]);
});
