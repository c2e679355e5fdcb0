// Runs the pure core while this process leads: feeds it inputs and time, carries out its effects.
//
// Guarantees: nothing is done unless the leadership holds at that moment; what was under way for an epoch that is over reaches no
// newer core. An epoch that had to be raised is a takeover from oneself: a fresh core, all streams closed, every inventory anew.
import type { Clock, Random } from '#clock';
import type { Leader, LeaderRecord } from '#lease';
import type { Limits } from '#limits';
import type { heartbeat, shareStates } from '#protocol';
import type { Logger } from '#telemetry';
import { Allocator } from './allocator';
import type { CloseCode, Effect, EventSubject, Input, StreamId } from './core/effects';
import { type CoreView, SchedulerCore } from './core/scheduler-core';
import type { StemCells } from './core/stem-cells';

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
  /** Who leads instead, if it is known. */
  readonly leader: LeaderRecord | undefined;
}

export interface SchedulingSettings {
  readonly limits: Limits;
  readonly agentToken: string;
  readonly stemCells: readonly StemCells[];
}

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

  constructor(
    private readonly settings: SchedulingSettings,
    private readonly clock: Clock,
    private readonly random: Random,
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

  // ---- leadership ----

  lead(epoch: bigint, signal: AbortSignal): void {
    this.begin(epoch);
    const ended = (): void => {
      this.end('this scheduler does not lead any more');
      const watchers = [...this.watchers.values()];
      this.watchers.clear();
      for (const tell of watchers) tell();
    };
    signal.addEventListener('abort', ended, { once: true });
  }

  raise(epoch: bigint): void {
    const known = [...this.heartbeats.values()];
    this.end('the epoch was raised');
    this.begin(epoch);
    for (const request of known) this.input({ kind: 'heartbeat', request });
  }

  standBy(): void {
    this.sayReady();
  }

  private begin(epoch: bigint): void {
    const { limits, stemCells, agentToken } = this.settings;
    this.core = new SchedulerCore(epoch, { limits, stemCells, random: this.random }, this.clock.now());
    this.allocator = new Allocator(agentToken, epoch, limits);
    this.ticking = setInterval(() => this.input({ kind: 'tick' }), limits.schedulerTickMs);
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

  /** At the agent first, which keeps it; rejects with one sentence if that did not work. */
  async cordon(nodeId: string, cordoned: boolean): Promise<void> {
    const node = this.core?.view.nodes.get(nodeId);
    if (!node || !this.allocator) throw new Error(`node ${nodeId} is unknown here.`);
    const failure = await this.allocator.cordon(node.agentUrl, cordoned);
    if (failure) throw new Error(`node ${nodeId} did not store it (${failure.code}: ${failure.text}); try again.`);
    this.input({ kind: 'cordoned', nodeId, cordoned });
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
