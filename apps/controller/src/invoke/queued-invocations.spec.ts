// Rows of the durable queue that do not go the usual way, on a real SQLite store: every one ends, and keeps no other from its end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#clock';
import { type ExecutableAction, type Identity, messages } from '#entity';
import { defaultLimits } from '#limits';
import { Seal } from '#seal';
import { openSqliteStores, type Stores } from '#store';
import { silentLogger } from '#telemetry';
import { until } from '../../../../test/support/until';
import type { AgentClient } from './agent-client';
import { Components } from './composition/components';
import { Compositions } from './composition/compositions';
import { DataPath } from './data-path';
import { Journal } from './journal';
import { payloadOf } from './payload';
import { queuedText } from './queued-format';
import { QueuedInvocations, unreadableText } from './queued-invocations';
import { Recorder } from './recorder';
import { RefusedRecords } from './refused-records';
import { lostControllerText } from './run-outcome';

const action = {
  namespace: 'guest',
  name: 'a',
  fullyQualifiedName: 'guest/a',
  version: '0.0.1',
  revision: 1,
  exec: { kind: 'nodejs:20' },
  parameters: [],
  initEnvironment: {},
  immutableParameters: new Set(),
  limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
  providesApiKey: true,
  retries: 0,
} as unknown as ExecutableAction;
const identity: Identity = { subject: 'guest', namespace: 'guest', uuid: 'u', apiKey: 'u:k', limits: {} };
const seal = new Seal('a cluster secret of some length');
const good = queuedText(action, identity, 't', '{}', seal);
const unreadable = {
  'no JSON': '{"action"',
  'JSON of another form': '[]',
  'sealed under another secret': queuedText(action, identity, 't', '{}', new Seal('another secret of some length')),
};
const limits = { ...defaultLimits, claimLeaseMs: 100, sweepGraceMs: 0, recordBatchMs: 1 };
const idOf = (n: number): string => n.toString(16).padStart(32, '0');

let directory: string;
let stores: Stores;
let path: DataPath;
let queued: QueuedInvocations;
/** What the action is by the time it is to run. */
let resolved: ExecutableAction;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hearth-queued-'));
  stores = await openSqliteStores({ path: join(directory, 'hearth.db') });
  const journal = new Journal(join(directory, 'journal'), 'c', 1n, limits, silentLogger);
  const refused = new RefusedRecords(directory, stores.activations, limits, systemClock, silentLogger);
  const recorder = new Recorder(journal, stores.activations, limits, systemClock, silentLogger, refused);
  const codeOf = (): Promise<undefined> => new Promise(() => undefined);
  path = new DataPath(limits, systemClock, silentLogger, recorder, {} as AgentClient, stores.queue, codeOf);
  const { queue, activations } = stores;
  const records = { activations, refused };
  resolved = action;
  const resolve = (): Promise<ExecutableAction> => Promise.resolve(resolved);
  const components = new Components({ peek: () => undefined, resolve, locate: resolve });
  const compositions = new Compositions({
    path,
    recorder,
    components,
    limits,
    clock: systemClock,
    logger: silentLogger,
  });
  const parts = [path, queue, records, resolve, seal, limits, systemClock, silentLogger, compositions] as const;
  queued = new QueuedInvocations('c', 1n, ...parts);
});
afterEach(async () => {
  queued.stop();
  await stores.close();
  rmSync(directory, { recursive: true });
});

const enqueue = (texts: readonly string[]): Promise<boolean[]> =>
  stores.queue.enqueue(
    texts.map((invocation, n) => ({ activationId: idOf(n), namespace: 'guest', acceptedAt: 1_000 + n, invocation })),
    100,
  );

interface RecordedResponse {
  readonly status: string;
  readonly result: { readonly error: unknown };
}

async function responseOf(n: number): Promise<RecordedResponse> {
  const text = await until(`the record of ${n}`, () => stores.activations.get('guest', idOf(n)));
  return (JSON.parse(text) as { response: RecordedResponse }).response;
}

const errorOf = async (n: number): Promise<unknown> => (await responseOf(n)).result.error;

it.each(Object.entries(unreadable))('records a row whose text is %s once, and goes on to the next', async (_, text) => {
  await enqueue([text, good]);
  await queued.start();
  expect(await errorOf(0)).toBe(unreadableText);
  await until('the next waits for a container', () => path.balancer.overflow.length === 1);
  await until('only that one is left', async () => (await stores.queue.counts()).claimed === 1);
  expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 1, started: 0 });
});

it('ends at once, as an application error, what its action refuses by now', async () => {
  const payload = { text: '{"p":1}', value: { p: 1 }, keys: ['p'] };
  resolved = { ...action, immutableParameters: new Set(['p']) };
  await enqueue([queuedText(action, identity, 't', payload.text, seal), good]);
  await queued.start();
  const refused = { status: 'application error', result: { error: messages.parametersNotAllowed } };
  expect(await responseOf(0)).toMatchObject(refused);
  await until('only the next is left', async () => (await stores.queue.counts()).claimed === 1);
  expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 1, started: 0 });
});

it('sweeps what can be read and what cannot', async () => {
  await enqueue(['no JSON', good]);
  for (const { activationId, attempt } of await stores.queue.claim('lost/1', 10, 10_000))
    await stores.queue.start('lost/1', [{ activationId, attempt, timeLimitMs: 1 }]);
  await until('both are swept', async () => {
    await queued.sweep();
    return (await stores.queue.counts()).started === 0;
  });
  expect([await errorOf(0), await errorOf(1)]).toEqual([lostControllerText, lostControllerText]);
});

it('lets go of one whose claim another has by the time its container is there', async () => {
  const id = await queued.accept(action, identity, 't', payloadOf('{}', undefined));
  await until('it waits for a container', () => path.balancer.overflow.length === 1);
  expect(queued.inHandCount).toBe(1);
  queued.stop();
  const [taken] = await until('its claim has run out', async () => {
    const rows = await stores.queue.claim('other/1', 1, 10_000);
    return rows.length > 0 && rows;
  });
  const place = { nodeId: 'n', agentUrl: 'http://n', address: '127.0.0.1:1', kind: 'nodejs:20', memoryMb: 256 };
  const actionKey = [...path.balancer.overflow.keys()][0]!;
  const now = systemClock.now();
  path.balancer.granted({ id: '1', grantId: '1.1', actionKey, ...place, concurrency: 1 }, 'initialised', now);
  for (const node of path.balancer.leases.due(now)) path.balancer.leaseRenewed(node, new Map([['1', '1.1']]), now);
  await until('it is let go', () => queued.inHandCount === 0);
  expect(taken!.activationId).toBe(id);
  expect(await stores.queue.start('other/1', [{ ...taken!, timeLimitMs: 1 }])).toEqual([true]);
});
