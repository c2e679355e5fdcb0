// A stream that takes over from one that is still open, of a controller that owns nothing: it is the same owner that goes on.
import { seededRandom } from '#clock';
import { defaultLimits } from '#limits';
import { protocolVersion, type shareStates } from '#protocol';
import { SchedulerCore } from './scheduler-core';

it('finds again what it made for a stream that had taken over from another', () => {
  const core = new SchedulerCore(1n, { limits: defaultLimits, random: seededRandom(1), stemCells: [] }, 0);
  const hello = (stream: number, generation: number): void => {
    const identity = { controllerId: 'c', incarnation: 1n, generation, address: '' };
    const value = { ...identity, containers: [], demands: [], protocolVersion };
    core.handle({ kind: 'message', stream, message: { number: 1, epoch: 1n, body: { $case: 'hello', value } } }, 1);
  };
  const request = {
    nodeId: 'n',
    incarnation: 1n,
    agentUrl: 'http://n',
    protocolVersion,
    memoryMb: 512,
    kinds: ['nodejs:20'],
    driver: 'test',
    epoch: 1n,
    cordoned: false,
    draining: false,
    cordonNumber: 0,
    parallelCreations: 4,
    lapsed: [],
    exited: [],
    blackbox: false,
    wipes: false,
    intervalMs: 1_000,
  };
  for (const effect of core.handle({ kind: 'heartbeat', request }, 1)) {
    if (effect.kind !== 'inventory') continue;
    const inventory = { nodeId: 'n', incarnation: '1', epoch: '1', memoryMb: 512, containers: [], lapsed: [] };
    core.handle({ kind: 'inventory', nodeId: 'n', askedAt: effect.askedAt, inventory }, 1);
  }
  hello(1, 1);
  hello(2, 2);
  const demand: shareStates.Demand = {
    actionKey: 'a|a/a|1',
    kind: 'nodejs:20',
    image: '',
    memoryMb: 256,
    concurrency: 1,
    waiting: 1,
    inFlight: 0,
    owned: 0,
    meanDurationMs: 0,
    oldestRunningMs: 0,
    lastSeen: 0,
    oldestWaitingMs: 0,
    logLimitMb: 10,
    namespaceConcurrency: 0,
  };
  core.handle(
    { kind: 'message', stream: 2, message: { number: 2, epoch: 1n, body: { $case: 'demand', value: demand } } },
    2,
  );
  const [container] = core.view.containers.values();
  expect(container!.state).toBe('creating');
  core.handle({ kind: 'created', containerId: container!.id, addresses: { container: '10.0.0.1:1' } }, 3);
  hello(3, 3);
  expect(core.view.sessions).toHaveLength(1);
  expect([undefined, core.view.sessions[0]!.owner]).toContain(container!.owner);
});
