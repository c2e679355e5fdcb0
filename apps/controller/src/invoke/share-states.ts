// The controller's side of share-states. Pure: message or time in, messages out; no stream, no timer.
//
// Guarantees: Hello is first on every stream and says the whole truth; messages are numbered from 1 on each stream; a key's first demand
// leaves at once and later ones are coalesced; free is reported once it has lasted or when asked, busy as soon as it contradicts what was reported; what
// is unsent is bounded by the number of keys and containers, not by traffic; messages of an older epoch or stream change nothing.
import type { Limits } from '#limits';
import { protocolVersion, shareStates as wire } from '#protocol';
import { Looks } from './looks';
import { isSteady, type KeyDemand, nothing, toldDemand, type ToldLimits } from './told-demand';

export type { KeyDemand } from './told-demand';

/** What the data path knows, asked at the moment of sending. */
export interface Truth {
  containers(now: number): wire.HelloContainer[];
  /** Undefined: nothing is known of this key, its demand is over. */
  demand(key: string, now: number): KeyDemand | undefined;
  waitingKeys(): Iterable<string>;
  /** Undefined: no longer owned. */
  state(containerId: string, now: number): wire.ContainerState | undefined;
}

export interface ShareStatesIdentity {
  readonly controllerId: string;
  readonly incarnation: bigint;
  /** host:port of the internal listener, empty if there is none. */
  readonly address: string;
}

/** What came in and means something to the data path; everything else was dealt with here. */
export type SchedulerWord = Exclude<NonNullable<wire.SchedulerMessage['body']>, { $case: 'report' }>;

type Body = NonNullable<wire.ControllerMessage['body']>;

/** Demands that wait are repeated this often, so that ages reach the scheduler. */
const demandRepeatMs = 1_000;

/** Keys whose last report is remembered for coalescing. */
const reportedKeysMax = 10_000;

interface Reported {
  readonly at: number;
  readonly demand: KeyDemand;
}

export class ShareStates {
  private generation = 0;
  private open = false;
  private number = 0;
  private lastSeen = 0;
  /** The highest epoch ever seen. */
  private epoch = 0n;
  /** Keys to report, and when. */
  private readonly demands = new Looks<string>();
  /** What each key was last reported as on this stream, and when. */
  private readonly reported = new Map<string, Reported>();
  private readonly free = new Map<string, number>();
  private readonly reportedFree = new Set<string>();
  private readonly states = new Set<string>();
  private readonly words: Body[] = [];

  constructor(
    private readonly identity: ShareStatesIdentity,
    private readonly truth: Truth,
    private readonly limits: Pick<Limits, 'demandCoalesceMs' | 'demandSteadyMs' | 'freeReportedAfterMs'> & ToldLimits,
  ) {}

  get highestEpoch(): bigint {
    return this.epoch;
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** A new stream was opened, after the old one was closed. Answers its generation; Hello is the first that `due` gives. */
  opened(now: number): number {
    this.generation += 1;
    this.open = true;
    this.number = 0;
    this.lastSeen = 0;
    this.words.length = 0;
    this.states.clear();
    this.reportedFree.clear();
    this.reported.clear();
    this.demands.clear();
    const demands: wire.Demand[] = [];
    for (const key of this.truth.waitingKeys()) {
      const demand = this.truth.demand(key, now);
      if (!demand) continue;
      demands.push({ ...demand, lastSeen: 0 });
      this.reported.set(key, { at: now, demand });
      this.demands.set(key, now + demandRepeatMs);
    }
    const containers = this.truth.containers(now);
    for (const { containerId, state } of containers)
      if (state !== wire.UseState.BUSY) this.reportedFree.add(containerId);
    this.words.push({
      $case: 'hello',
      value: { ...this.identity, generation: this.generation, containers, demands, protocolVersion },
    });
    return this.generation;
  }

  closed(): void {
    this.open = false;
    this.words.length = 0;
  }

  /** Undefined: nothing for the data path, or from an older stream or epoch. */
  received(generation: number, message: wire.SchedulerMessage): SchedulerWord | undefined {
    if (!this.open || generation !== this.generation) return undefined;
    this.lastSeen = Math.max(this.lastSeen, message.number);
    if (message.epoch < this.epoch) return undefined;
    this.epoch = message.epoch;
    if (message.body?.$case !== 'report') return message.body;
    // What was reported as free and still is need not be said again, however many there are.
    for (const containerId of this.free.keys()) this.states.add(containerId);
    this.free.clear();
    return undefined;
  }

  /** Answers whether something is due for it already. */
  demandChanged(key: string, now: number): boolean {
    if (!this.open) return false;
    const reported = this.reported.get(key);
    const at = reported === undefined ? now : Math.max(now, reported.at + this.limits.demandCoalesceMs);
    this.demands.set(key, Math.min(at, this.demands.at(key) ?? Infinity));
    return at <= now;
  }

  freed(containerId: string, now: number): void {
    this.free.set(containerId, now + this.limits.freeReportedAfterMs);
  }

  busied(containerId: string): void {
    this.free.delete(containerId);
    if (this.reportedFree.delete(containerId)) this.states.add(containerId);
  }

  forgotten(containerId: string): void {
    this.free.delete(containerId);
    this.states.delete(containerId);
    this.reportedFree.delete(containerId);
  }

  drained(containerId: string, grantId: string): void {
    this.say({ $case: 'drained', value: { containerId, grantId } });
  }

  kept(containerId: string, grantId: string): void {
    this.say({ $case: 'kept', value: { containerId, grantId } });
  }

  removed(containerId: string, grantId: string, reason: string): void {
    this.say({ $case: 'removed', value: { containerId, grantId, reason } });
  }

  goodbye(): void {
    this.say({ $case: 'goodbye', value: {} });
  }

  /** What is to be sent now, in order. Call soon after something was said, and every few milliseconds. */
  due(now: number): wire.ControllerMessage[] {
    if (!this.open) return [];
    const bodies = this.words.splice(0);
    for (const [containerId, at] of this.free) {
      if (at > now) break;
      this.free.delete(containerId);
      this.states.add(containerId);
    }
    if (this.states.size > 0) {
      const states: wire.ContainerState[] = [];
      for (const containerId of this.states) {
        const state = this.truth.state(containerId, now);
        if (!state) continue;
        states.push(state);
        if (state.state !== wire.UseState.BUSY) this.reportedFree.add(containerId);
        else this.reportedFree.delete(containerId);
      }
      this.states.clear();
      if (states.length > 0) bodies.push({ $case: 'states', value: { states } });
    }
    for (const key of this.demands.due(now)) this.reportDemand(key, now, bodies);
    return bodies.map((body) => ({ number: ++this.number, epoch: this.epoch, body }));
  }

  private reportDemand(key: string, now: number, bodies: Body[]): void {
    const truth = this.truth.demand(key, now) ?? nothing(key);
    const demand = toldDemand(truth, this.limits);
    const reported = this.reported.get(key);
    if (reported && isSteady(reported.demand, demand) && now < reported.at + this.limits.demandSteadyMs) {
      this.demands.set(key, reported.at + this.limits.demandSteadyMs);
      return;
    }
    // If nobody was told of it, there is nothing to cancel.
    if (demand.waiting > 0 || (reported?.demand.waiting ?? 0) > 0) {
      bodies.push({ $case: 'demand', value: { ...demand, lastSeen: this.lastSeen } });
    }
    this.reported.set(key, { at: now, demand });
    if (demand.waiting > 0) this.demands.set(key, now + demandRepeatMs);
    else if (truth.waiting > 0) this.demands.set(key, now + this.limits.demandLightMs);
    else if (this.reported.size > reportedKeysMax) this.forgetReports();
  }

  /** Only what keeps a quiet key's next demand from leaving at once is lost. */
  private forgetReports(): void {
    for (const key of this.reported.keys()) if (this.demands.at(key) === undefined) this.reported.delete(key);
  }

  private say(body: Body): void {
    if (this.open) this.words.push(body);
  }
}
