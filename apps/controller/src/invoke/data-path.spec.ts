// The data path's own part: what a queued invocation's row goes through while its containers come and go.
import type { ExecutableAction, Identity } from '#entity';
import { ManualClock } from '#clock';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import type { AgentClient } from './agent-client';
import { DataPath } from './data-path';
import { Invocation, InvocationTemplate } from './invocation';
import { payloadOf } from './payload';
import type { Recorder } from './recorder';

const action = {
  namespace: 'guest',
  name: 'a',
  fullyQualifiedName: 'guest/a',
  version: '0.0.1',
  revision: 1,
  exec: { kind: 'nodejs:20' },
  parameters: [],
  initEnvironment: {},
  limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
} as unknown as ExecutableAction;
const identity: Identity = { subject: 'guest', namespace: 'guest', uuid: 'u', apiKey: '', limits: {} };

it('starts the row of a queued invocation once, also if nothing was sent and it goes elsewhere', async () => {
  const clock = new ManualClock(1_000);
  const started: string[] = [];
  let codeAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (codeAsked = resolve));
  const queue = {
    start: (_owner: string, rows: readonly { activationId: string }[]) => {
      started.push(...rows.map(({ activationId }) => activationId));
      // As the store answers: only a claimed row can be started.
      return Promise.resolve(rows.map(() => started.length === 1));
    },
  };
  const codeOf = (): Promise<string | undefined> => {
    codeAsked();
    return new Promise(() => undefined);
  };
  const path = new DataPath(defaultLimits, clock, silentLogger, {} as Recorder, {} as AgentClient, queue, codeOf);
  const removed = new Promise<void>((resolve) => {
    const nothing = (): void => undefined;
    const ears = {
      demandChanged: nothing,
      busied: nothing,
      freed: nothing,
      drained: nothing,
      kept: nothing,
      forgotten: nothing,
    };
    path.ears = { ...ears, removed: () => resolve() };
  });
  const template = new InvocationTemplate(action, identity);
  const grant = (id: string, start: 'initialised' | 'uninitialised'): void => {
    // Nothing listens on port 1.
    const place = { nodeId: 'n', agentUrl: 'http://n', address: '127.0.0.1:1', kind: 'nodejs:20', memoryMb: 256 };
    const container = { id, grantId: `1.${id}`, actionKey: template.key, ...place, concurrency: 1 };
    path.balancer.granted(container, start, clock.now());
    for (const node of path.balancer.leases.due(clock.now()))
      path.balancer.leaseRenewed(node, new Map([[id, `1.${id}`]]), clock.now());
  };
  const owner = { finished: () => undefined, unrun: () => undefined };
  const claim = { owner: 'c/1', attempt: 1 };
  const invocation = new Invocation(
    template,
    'id',
    't',
    payloadOf('{}', undefined),
    '{}',
    1,
    clock.now(),
    60_000,
    owner,
    claim,
  );
  path.submit(invocation);
  grant('1', 'initialised');
  await removed;
  expect(invocation.overflow).toBe('waiting');
  grant('2', 'uninitialised');
  await asked;
  expect(started).toEqual(['id']);
  expect(invocation.settlement.isSettled).toBe(false);
});
