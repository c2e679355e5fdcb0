// Runs the pure core while this process leads: feeds it inputs and time, carries out its effects.
//
// Guarantees: nothing is done unless the leadership holds at that moment; what was under way for an epoch that is over reaches no
// newer core. An epoch that had to be raised is a takeover from oneself: a fresh core, all streams closed, every inventory anew.
import type { Clock, Random } from '#clock';
import type { Leader, LeaderRecord } from '#lease';
import type { Limits } from '#limits';
import type { Cordon, CordonReply, heartbeat, shareStates } from '#protocol';
import type { Logger } from '#telemetry';
import type { AgentAnswer } from './agent-client';
import { Allocator } from './allocator';
import type { AgentFailure, CloseCode, Effect, EventSubject, Input, StreamId } from './core/effects';
import { type CoreView, SchedulerCore } from './core/scheduler-core';
import type { PolicyNames } from './core/policies';
import type { StemCells } from './core/stem-cells';
import type { StemCellMemory } from './stem-cell-memory';

/** The streams of the controllers, as this side needs them. */
export interface Streams {
  /** Something waits to be said on it. */
  pump(stream: StreamId): void;
  close(stream: StreamId, code: CloseCode, text: string): void;
  closeAll(text: string): void;
}

export interface LeadershipView {
  holds(): boolean;
  heard(epoch: bigint): void;
  /** Lets another lead, where one waits for it. */
  stepDown(): void;
  /** Who leads instead, if it is known. */
  readonly leader: LeaderRecord | undefined;
}

export interface SchedulingSettings {
  readonly limits: Limits;
  readonly agentToken: string;
  readonly stemCells: readonly StemCells[];
  /** Left out: the defaults. */
  readonly policies?: PolicyNames | undefined;
  readonly reuse?: ReadonlySet<string> | undefined;
}

/** `candidate`: it neither leads nor knows who does, as at its start. */
export type Role = 'candidate' | 'standby' | 'leader';

/** What happened, for whoever watches. */
export interface SchedulerEvent {
  /** Since this leader took over. */
  readonly atMs: number;
  readonly subject: EventSubject;
  readonly id: string;
  readonly what: string;
}

export class Scheduling implements Leader {
  private core: SchedulerCore | undefined;
  private allocator: Allocator | undefined;
  private ticking: NodeJS.Timeout | undefined;
  private streams: Streams | undefined;
  private leadership: LeadershipView | undefined;
  /** The newest of each node, to ask them all again after the epoch was raised. */
  private readonly heartbeats = new Map<string, heartbeat.HeartbeatRequest>();
  /** Each with what to call when there is nothing more to see here. */
  private readonly watchers = new Map<(event: SchedulerEvent) => void, () => void>();
  private onReady: (() => void) | undefined;
  private role: Role = 'candidate';
  private onRole: (role: Role) => void = () => undefined;

  constructor(
    private readonly settings: SchedulingSettings,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly memory: StemCellMemory,
    private readonly logger: Logger,
  ) {}

  /** Both sides know each other; set once, before leading. */
  connect(streams: Streams, leadership: LeadershipView): void {
    this.streams = streams;
    this.leadership = leadership;
  }

  /** Called once, when this process leads and at least one node takes creations, or stands by. */
  whenReady(act: () => void): void {
    this.onReady = act;
  }

  /** Called with each new role. */
  whenRole(act: (role: Role) => void): void {
    this.onRole = act;
    act(this.role);
  }

  // ---- leadership ----

  lead(epoch: bigint, signal: AbortSignal): void {
    this.begin(epoch);
    this.become('leader');
    const ended = (): void => {
      this.end('this scheduler does not lead any more');
      this.become('candidate');
      const watchers = [...this.watchers.values()];
      this.watchers.clear();
      for (const tell of watchers) tell();
    };
    signal.addEventListener('abort', ended, { once: true });
  }

  raise(epoch: bigint): void {
    const known = [...this.heartbeats.values()].map((request) => this.withCordon(request));
    this.end('the epoch was raised');
    this.begin(epoch);
    for (const request of known) this.input({ kind: 'heartbeat', request });
  }

  /** With the last order, which may be younger than the heartbeat. */
  private withCordon(request: heartbeat.HeartbeatRequest): heartbeat.HeartbeatRequest {
    const node = this.core?.view.nodes.get(request.nodeId);
    if (!node) return request;
    const { isCordoned, isDraining, cordonNumber } = node;
    return { ...request, cordoned: isCordoned, draining: isDraining, cordonNumber };
  }

  standBy(): void {
    this.become('standby');
    this.sayReady();
  }

  stepDown(): void {
    if (this.core)
      this.tell(this.core, { kind: 'event', subject: 'leader', id: `epoch ${this.core.epoch}`, what: 'steps down' });
    this.leadership?.stepDown();
  }

  private become(role: Role): void {
    if (this.role === role) return;
    this.role = role;
    this.onRole(role);
  }

  private begin(epoch: bigint): void {
    const { limits, stemCells, policies, reuse, agentToken } = this.settings;
    const hearsContainers = (): boolean => this.watchers.size > 0 || this.logger.isLevelEnabled('debug');
    const settings = {
      limits,
      stemCells,
      policies,
      reuse,
      awaitsStemCells: true,
      random: this.random,
      hearsContainers,
    };
    const core = new SchedulerCore(epoch, settings, this.clock.now());
    this.core = core;
    this.allocator = new Allocator(agentToken, epoch, limits);
    this.ticking = setInterval(() => this.input({ kind: 'tick' }), limits.schedulerTickMs);
    const tell = (set: readonly StemCells[]): void => this.input({ kind: 'stem-cells', stemCells: set });
    void this.memory.recall(() => this.core === core, tell);
  }

  private end(why: string): void {
    clearInterval(this.ticking);
    this.core = undefined;
    const { allocator } = this;
    this.allocator = undefined;
    allocator
      ?.close()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'allocator: connections did not close'));
    this.streams?.closeAll(`share-states: closed, ${why}; connect to the leader.`);
    this.heartbeats.clear();
  }

  /** The epoch to answer with; undefined when this process must not answer. */
  get epoch(): bigint | undefined {
    return this.leadership?.holds() ? this.core?.epoch : undefined;
  }

  /** The leader's addresses, for those who ask a standby. */
  get leader(): LeaderRecord | undefined {
    return this.epoch === undefined ? this.leadership?.leader : undefined;
  }

  /** What those who ask a standby have seen counts for the epoch that it would lead with. */
  heard(epoch: bigint): void {
    this.leadership?.heard(epoch);
  }

  get view(): CoreView | undefined {
    return this.core?.view;
  }

  // ---- inputs ----

  heartbeat(request: heartbeat.HeartbeatRequest): void {
    this.heartbeats.set(request.nodeId, request);
    this.input({ kind: 'heartbeat', request });
    if (this.heartbeats.size <= (this.core?.view.nodes.size ?? 0)) return;
    for (const nodeId of this.heartbeats.keys()) if (!this.core?.view.nodes.has(nodeId)) this.heartbeats.delete(nodeId);
  }

  input(input: Input): void {
    const { core } = this;
    if (!core || !this.leadership?.holds()) return;
    for (const effect of core.handle(input, this.clock.now())) this.run(core, effect);
    if (this.onReady && core.isReady) this.sayReady();
  }

  private sayReady(): void {
    const { onReady } = this;
    this.onReady = undefined;
    onReady?.();
  }

  /** At the agent only; answers the order's number once it has stored it. */
  cordonAt(agentUrl: string, cordon: Cordon): Promise<AgentAnswer<CordonReply>> {
    const failure: AgentFailure = { code: 'unreachable', text: 'this scheduler does not lead any more' };
    return this.allocator?.cordon(agentUrl, cordon) ?? Promise.resolve({ failure });
  }

  nextMessage(stream: StreamId): shareStates.SchedulerMessage | undefined {
    return this.leadership?.holds() ? this.core?.nextMessage(stream) : undefined;
  }

  private run(core: SchedulerCore, effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        return this.streams?.pump(effect.stream);
      case 'close':
        return this.streams?.close(effect.stream, effect.code, effect.text);
      case 'higher-epoch':
        return this.leadership?.heard(effect.epoch);
      case 'event':
        return this.tell(core, effect);
      default:
        void this.allocator?.run(effect).then(
          (answer) => {
            if (this.core === core) this.input(answer);
          },
          (error: unknown) => this.logger.error({ err: error }, `allocator: ${effect.kind} ended without an answer`),
        );
    }
  }

  // ---- events ----

  /** Answers how to stop watching. `ended` is called when this process leads no more. */
  watch(watcher: (event: SchedulerEvent) => void, ended: () => void): () => void {
    this.watchers.set(watcher, ended);
    return () => this.watchers.delete(watcher);
  }

  private tell(core: SchedulerCore, { subject, id, what }: Extract<Effect, { kind: 'event' }>): void {
    const level = subject === 'container' ? 'debug' : 'info';
    this.logger[level](`${subject} ${id}: ${what}`);
    if (this.watchers.size === 0) return;
    const { nowMs, sinceMs } = core.view;
    for (const watcher of this.watchers.keys()) watcher({ atMs: Math.round(nowMs - sinceMs), subject, id, what });
  }
}
