// The pure scheduler under load in virtual time: one controller with waiters and containers of many actions, and nodes whose agents take 40 ms for a creation
// and no time for anything else. A container's first run is preceded by an /init of 20 ms.
import { shareStates } from '#protocol';
import { CoreRig } from './core-rig';

const creationMs = 40;
const initMs = 20;
const memoryMb = 128;
const coalesceMs = 20;
const freeReportedAfterMs = 100;
const heartbeatMs = 1_000;

interface Held {
  readonly id: string;
  readonly grantId: string;
  readonly key: string;
  isInitialised: boolean;
  isRetiring: boolean;
  isReported: boolean;
  /** Since then it is idle, or undefined while it runs. */
  idleSince: number | undefined;
  overAt: number;
  startedAt: number;
}

interface Action {
  readonly durationMs: number;
  /** When each waiter came. */
  readonly waiting: number[];
  done: number;
  said: string;
}

export class LoadedWorld {
  readonly rig = new CoreRig();
  /** How long each call of an action had waited when it began. */
  readonly waits = new Map<string, number[]>();
  createdCount = 0;
  private readonly stream: number;
  private readonly actions = new Map<string, Action>();
  private readonly held = new Map<string, Held>();
  private readonly creations: { id: string; at: number }[] = [];
  private lastSeen = 0;
  private passedMs = 0;

  constructor(private readonly nodes: readonly { readonly memoryMb: number; readonly parallelCreations: number }[]) {
    nodes.forEach((node, at) => this.rig.node(`node${at}`, node));
    this.stream = this.rig.hello();
  }

  get nowMs(): number {
    return this.passedMs;
  }

  /** Containers in which something runs. */
  get busyCount(): number {
    return [...this.held.values()].filter(({ idleSince }) => idleSince === undefined).length;
  }

  action(key: string, durationMs: number): void {
    this.actions.set(key, { durationMs, waiting: [], done: 0, said: '' });
    this.waits.set(key, []);
  }

  call(key: string, count = 1): void {
    for (let n = 0; n < count; n += 1) this.actions.get(key)!.waiting.push(this.passedMs);
  }

  /** Waiting and running calls. */
  underWay(key: string): number {
    return this.actions.get(key)!.waiting.length + this.runningOf(key).length;
  }

  doneCount(key: string): number {
    return this.actions.get(key)!.done;
  }

  /** One millisecond. */
  step(): void {
    const { rig } = this;
    this.passedMs += 1;
    rig.now += 1;
    if (this.passedMs % heartbeatMs === 0) this.nodes.forEach((node, at) => rig.heartbeat(`node${at}`, node));
    if (this.passedMs % rig.limits.schedulerTickMs === 0) rig.input({ kind: 'tick' });
    this.obeyCore();
    for (const held of this.held.values()) this.advance(held);
    if (this.passedMs % coalesceMs === 1) this.speak();
    for (const message of rig.messages(this.stream)) this.hear(message);
  }

  private obeyCore(): void {
    const { rig } = this;
    for (const { request } of rig.take('create')) {
      this.createdCount += 1;
      this.creations.push({ id: request.id, at: this.passedMs + creationMs });
    }
    while (this.creations[0] && this.creations[0].at <= this.passedMs) rig.created(this.creations.shift()!.id);
    for (const { containerId, note } of rig.take('bind'))
      rig.input({ kind: 'bound', containerId, grantId: note.grantId });
    for (const { containerId } of rig.take('remove')) rig.input({ kind: 'removed', containerId });
  }

  private advance(held: Held): void {
    const action = this.actions.get(held.key)!;
    if (held.idleSince === undefined) {
      if (this.passedMs < held.overAt) return;
      action.done += 1;
      held.idleSince = this.passedMs;
      held.isReported = false;
    }
    if (held.isRetiring) return this.giveUp(held);
    const since = action.waiting.shift();
    if (since === undefined) return;
    this.waits.get(held.key)!.push(this.passedMs - since);
    held.idleSince = undefined;
    held.startedAt = this.passedMs;
    held.overAt = this.passedMs + action.durationMs + (held.isInitialised ? 0 : initMs);
    held.isInitialised = true;
  }

  private giveUp({ id, grantId }: Held): void {
    this.held.delete(id);
    this.rig.answer(this.stream, 'drained', { containerId: id, grantId });
  }

  private runningOf(key: string): Held[] {
    return [...this.held.values()].filter((held) => held.key === key && held.idleSince === undefined);
  }

  private speak(): void {
    for (const [actionKey, action] of this.actions) {
      const running = this.runningOf(actionKey);
      const owned = [...this.held.values()].filter(({ key }) => key === actionKey).length;
      const said = `${action.waiting.length} ${running.length} ${owned}`;
      // A demand that would be decided as before is repeated now and then.
      if (said === action.said && (action.waiting.length === 0 || this.passedMs % 100 !== 1)) continue;
      action.said = said;
      this.rig.demand(this.stream, {
        actionKey,
        memoryMb,
        waiting: action.waiting.length,
        inFlight: running.length,
        owned,
        meanDurationMs: action.done > 0 ? action.durationMs : 0,
        oldestRunningMs: Math.max(0, ...running.map(({ startedAt }) => this.passedMs - startedAt)),
        oldestWaitingMs: action.waiting.length > 0 ? this.passedMs - action.waiting[0]! : 0,
        lastSeen: this.lastSeen,
      });
    }
    for (const held of this.held.values()) {
      const idleMs = held.idleSince === undefined ? -1 : this.passedMs - held.idleSince;
      if (idleMs >= freeReportedAfterMs) this.report(held);
    }
  }

  private report(held: Held): void {
    if (held.isReported || held.idleSince === undefined) return;
    held.isReported = true;
    const states = [
      {
        containerId: held.id,
        grantId: held.grantId,
        state: shareStates.UseState.FREE,
        idleMs: this.passedMs - held.idleSince,
      },
    ];
    this.rig.say(this.stream, { $case: 'states', value: { states } });
  }

  private hear({ number, body }: shareStates.SchedulerMessage): void {
    this.lastSeen = number;
    if (body?.$case === 'grant') {
      const { container, grantId, actionKey: key, start } = body.value;
      this.held.set(container!.id, {
        ...{ id: container!.id, grantId, key, isInitialised: start === shareStates.Start.WARM },
        ...{ isRetiring: false, isReported: false, idleSince: this.passedMs, overAt: 0, startedAt: 0 },
      });
    } else if (body?.$case === 'report') {
      for (const held of this.held.values()) this.report(held);
    } else if (body?.$case === 'reclaim' || body?.$case === 'retire') {
      const held = this.held.get(body.value.containerId);
      if (!held) return;
      if (body.$case === 'retire') held.isRetiring = true;
      if (held.idleSince !== undefined) this.giveUp(held);
      else if (body.$case === 'reclaim')
        this.rig.answer(this.stream, 'kept', { containerId: held.id, grantId: held.grantId });
    }
  }
}
