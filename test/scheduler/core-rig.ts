// The pure scheduler on a bench: a few words to say what comes in, and to look at what goes out. Nothing answers by itself.
import { seededRandom } from '#clock';
import { defaultLimits, type Limits } from '#limits';
import { type AgentContainer, type heartbeat, type Note, protocolVersion, shareStates } from '#protocol';
import type { AgentFailure, Effect, Input, StreamId } from '../../apps/scheduler/src/core/effects';
import type { PolicyNames } from '../../apps/scheduler/src/core/policies';
import { SchedulerCore } from '../../apps/scheduler/src/core/scheduler-core';
import type { StemCells } from '../../apps/scheduler/src/core/stem-cells';

type Body = NonNullable<shareStates.SchedulerMessage['body']>;
type ValueOf<C extends Body['$case']> = Extract<Body, { $case: C }>['value'];
type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export interface RigSettings {
  readonly limits?: Partial<Limits>;
  readonly stemCells?: readonly StemCells[];
  readonly awaitsStemCells?: boolean;
  readonly epoch?: bigint;
  readonly policies?: Partial<PolicyNames>;
  readonly reuse?: ReadonlySet<string>;
}

export const demandOf = (changes: Partial<shareStates.Demand> = {}): shareStates.Demand => ({
  actionKey: 'guest|guest/hello|1',
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
  ...changes,
});

export const noteOf = (changes: Partial<Note> = {}): Note => ({
  owner: 'controller0',
  incarnation: '1',
  actionKey: 'guest|guest/hello|1',
  namespace: 'guest',
  grantId: '1.1',
  epoch: '1',
  logLimitMb: 10,
  ...changes,
});

export class CoreRig {
  readonly core: SchedulerCore;
  readonly limits: Limits;
  now = 1_000;
  private effects: Effect[] = [];
  private streams = 0;
  /** What each node said last; it says so again unless told otherwise. */
  private readonly heartbeats = new Map<string, heartbeat.HeartbeatRequest>();
  private readonly numbers = new Map<StreamId, number>();

  constructor(given: RigSettings = {}) {
    const { limits = {}, stemCells = [], awaitsStemCells = false, epoch = 1n, policies = {}, reuse } = given;
    this.limits = { ...defaultLimits, ...limits };
    const random = seededRandom(1);
    const settings = { limits: this.limits, random, stemCells, awaitsStemCells, policies, reuse };
    this.core = new SchedulerCore(epoch, settings, this.now);
  }

  input(input: Input): void {
    this.effects.push(...this.core.handle(input, this.now));
  }

  pass(ms: number): void {
    this.now += ms;
    this.input({ kind: 'tick' });
  }

  /** The effects of that kind since they were last taken. */
  take<K extends Effect['kind']>(kind: K): EffectOf<K>[] {
    const taken = this.effects.filter((effect): effect is EffectOf<K> => effect.kind === kind);
    this.effects = this.effects.filter((effect) => effect.kind !== kind);
    return taken;
  }

  // ---- agents ----

  heartbeat(nodeId: string, changes: Partial<heartbeat.HeartbeatRequest> = {}): void {
    const request: heartbeat.HeartbeatRequest = {
      nodeId,
      incarnation: 1n,
      agentUrl: `http://${nodeId}`,
      protocolVersion,
      memoryMb: 1_024,
      kinds: ['nodejs:20'],
      driver: 'rig',
      epoch: 0n,
      cordoned: false,
      draining: false,
      cordonNumber: 0,
      parallelCreations: 16,
      lapsed: [],
      exited: [],
      blackbox: false,
      wipes: true,
      intervalMs: 1_000,
      ...this.heartbeats.get(nodeId),
      ...changes,
    };
    this.heartbeats.set(nodeId, request);
    this.input({ kind: 'heartbeat', request });
  }

  inventory(nodeId: string, containers: AgentContainer[] = [], incarnation = '1'): void {
    const inventory = { nodeId, incarnation, epoch: `${this.core.epoch}`, memoryMb: 1_024, containers, lapsed: [] };
    const { askedAt } = this.core.view.nodes.get(nodeId)!;
    this.input({ kind: 'inventory', nodeId, askedAt, inventory });
  }

  /** A node that says that it has these. */
  node(nodeId: string, changes: Partial<heartbeat.HeartbeatRequest> = {}, containers: AgentContainer[] = []): void {
    this.heartbeat(nodeId, changes);
    this.take('inventory');
    this.inventory(nodeId, containers, `${changes.incarnation ?? 1n}`);
  }

  row(id: string, changes: Partial<AgentContainer> = {}): AgentContainer {
    const addresses = { container: `${id}:1` };
    return { id, kind: 'nodejs:20', memoryMb: 256, concurrency: 1, state: 'running', addresses, ...changes };
  }

  created(containerId: string): void {
    this.input({ kind: 'created', containerId, addresses: { container: `${containerId}:1` } });
  }

  /** Answers every creation and bind that waits; answers how many there were. */
  obey(): number {
    const creations = this.take('create');
    for (const { request } of creations) this.created(request.id);
    const binds = this.take('bind');
    for (const { containerId, note } of binds) this.input({ kind: 'bound', containerId, grantId: note.grantId });
    const removals = this.take('remove');
    for (const { containerId } of removals) this.input({ kind: 'removed', containerId });
    return creations.length + binds.length + removals.length;
  }

  failure(code: AgentFailure['code'], text = `because of ${code}`): AgentFailure {
    return { code, text };
  }

  // ---- controllers ----

  hello(controllerId = 'controller0', changes: Partial<shareStates.Hello> = {}): StreamId {
    this.streams += 1;
    const stream = this.streams;
    const value: shareStates.Hello = {
      controllerId,
      incarnation: 1n,
      generation: stream,
      address: '',
      containers: [],
      demands: [],
      protocolVersion,
      ...changes,
    };
    this.say(stream, { $case: 'hello', value });
    return stream;
  }

  say(stream: StreamId, body: NonNullable<shareStates.ControllerMessage['body']>): void {
    const number = (this.numbers.get(stream) ?? 0) + 1;
    this.numbers.set(stream, number);
    this.input({ kind: 'message', stream, message: { number, epoch: 0n, body } });
  }

  demand(stream: StreamId, changes: Partial<shareStates.Demand> = {}): void {
    this.say(stream, { $case: 'demand', value: demandOf(changes) });
  }

  state(stream: StreamId, grant: shareStates.Grant, state: shareStates.UseState, idleMs = 0): void {
    const value = { states: [{ containerId: grant.container!.id, grantId: grant.grantId, state, idleMs }] };
    this.say(stream, { $case: 'states', value });
  }

  free(stream: StreamId, grant: shareStates.Grant, idleMs = 0): void {
    this.state(stream, grant, shareStates.UseState.FREE, idleMs);
  }

  answer(
    stream: StreamId,
    $case: 'drained' | 'kept',
    { containerId, grantId }: { containerId: string; grantId: string },
  ): void {
    this.say(stream, { $case, value: { containerId, grantId } });
  }

  /** Everything that waits to be said on this stream, with its number. */
  messages(stream: StreamId): shareStates.SchedulerMessage[] {
    const messages: shareStates.SchedulerMessage[] = [];
    for (;;) {
      const message = this.core.nextMessage(stream);
      if (!message) return messages;
      messages.push(message);
    }
  }

  heard<C extends Body['$case']>(stream: StreamId, name: C): ValueOf<C>[] {
    return this.messages(stream).flatMap(({ body }) => (body?.$case === name ? [body.value as ValueOf<C>] : []));
  }

  /** A container of this key that the controller has and reported free. */
  freeContainer(stream: StreamId, changes: Partial<shareStates.Demand> = {}, idleMs = 0): shareStates.Grant {
    this.demand(stream, { meanDurationMs: 1, ...changes });
    while (this.obey() > 0) continue;
    const last = this.messages(stream).filter(({ body }) => body?.$case === 'grant');
    const message = last[last.length - 1];
    if (message?.body?.$case !== 'grant') throw new Error('rig: no grant came');
    this.demand(stream, { ...changes, waiting: 0, owned: 1, lastSeen: message.number });
    this.free(stream, message.body.value, idleMs);
    return message.body.value;
  }

  get container(): (id: string) => string | undefined {
    return (id) => this.core.view.containers.get(id)?.state;
  }

  get states(): string[] {
    return [...this.core.view.containers.values()].map(({ state }) => state).sort();
  }
}
