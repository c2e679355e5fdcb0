// The controller's side of share-states. Pure: message or time in, messages out; no stream, no timer.
//
// Guarantees: Hello is first on every stream and says the whole truth; messages are numbered from 1 on each stream; a key's first demand
// leaves at once and later ones are coalesced; free is reported once it has lasted or when asked, busy as soon as it contradicts what was reported; what
// is unsent is bounded by the number of keys and containers, not by traffic; messages of an older epoch or stream change nothing.
import type { Limits } from '#limits';
import { protocolVersion, shareStates as wire } from '#protocol';
import { Deadlines } from './deadlines';
import { Looks } from './looks';
import { isSteady, type KeyDemand, toldDemand, type ToldLimits } from './told-demand';
import type { UseReport } from './use-report';

export type { KeyDemand } from './told-demand';

/** What the data path knows, asked at the moment of sending. */
export interface Truth<Container> {
  /** All that are owned. */
  reports(): Iterable<UseReport<Container>>;
  container(container: Container, now: number): wire.HelloContainer;
  /** A new one each time. */
  demand(key: string, now: number): KeyDemand;
  waitingKeys(): Iterable<string>;
  state(container: Container, now: number): wire.ContainerState;
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

interface Reported {
  readonly at: number;
  readonly demand: KeyDemand;
  /** Nobody waits, and nothing has changed since: it is forgotten once the next demand may leave at once anyway. */
  isOver: boolean;
}

export class ShareStates<Container = unknown> {
  private generation = 0;
  private open = false;
  private number = 0;
  private lastSeen = 0;
  /** The highest epoch ever seen. */
  private epoch = 0n;
  /** Keys to report, and when. */
  private readonly demands = new Looks<string>();
  /** What each key was last reported as on this stream, and when; of those for which somebody waits, or did within `demandCoalesceMs`. */
  private readonly reported = new Map<string, Reported>();
  /** What became free, until that is told. */
  private readonly free = new Deadlines<UseReport<Container>>();
  /** Whose state is told next, unless that was taken back. */
  private states: UseReport<Container>[] = [];
  private words: Body[] = [];

  constructor(
    private readonly identity: ShareStatesIdentity,
    private readonly truth: Truth<Container>,
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
    for (const report of this.states) report.isDue = false;
    this.states = [];
    this.reported.clear();
    this.demands.clear();
    const demands: wire.Demand[] = [];
    for (const key of this.truth.waitingKeys()) {
      const demand = this.truth.demand(key, now);
      demands.push(demand);
      this.reported.set(key, { at: now, demand, isOver: false });
      this.demands.set(key, now + demandRepeatMs);
    }
    const containers: wire.HelloContainer[] = [];
    for (const report of this.truth.reports()) {
      const told = this.truth.container(report.container, now);
      report.freeOn = told.state === wire.UseState.BUSY ? 0 : this.generation;
      containers.push(told);
    }
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
    for (const report of this.free.expire(Infinity)) this.tell(report);
    return undefined;
  }

  /** Answers whether something is due for it already. */
  demandChanged(key: string, now: number): boolean {
    if (!this.open) return false;
    const reported = this.reported.get(key);
    if (reported) reported.isOver = false;
    const at = reported === undefined ? now : Math.max(now, reported.at + this.limits.demandCoalesceMs);
    this.demands.set(key, Math.min(at, this.demands.at(key) ?? Infinity));
    return at <= now;
  }

  freed(report: UseReport<Container>, now: number): void {
    this.free.add(report, this.limits.freeReportedAfterMs, now);
  }

  busied(report: UseReport<Container>): void {
    this.free.remove(report);
    if (!this.isToldFree(report)) return;
    report.freeOn = 0;
    this.tell(report);
  }

  forgotten(report: UseReport<Container>): void {
    this.free.remove(report);
    report.freeOn = 0;
    report.isDue = false;
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
    const { words } = this;
    for (const report of this.free.expire(now)) this.tell(report);
    if (this.states.length > 0) this.reportStates(now, words);
    for (const key of this.demands.due(now)) this.reportDemand(key, now, words);
    if (words.length === 0) return [];
    this.words = [];
    return words.map((body) => ({ number: ++this.number, epoch: this.epoch, body }));
  }

  private isToldFree({ freeOn }: UseReport<Container>): boolean {
    return freeOn === this.generation;
  }

  private tell(report: UseReport<Container>): void {
    if (report.isDue) return;
    report.isDue = true;
    this.states.push(report);
  }

  private reportStates(now: number, bodies: Body[]): void {
    const states: wire.ContainerState[] = [];
    for (const report of this.states) {
      if (!report.isDue) continue;
      report.isDue = false;
      const state = this.truth.state(report.container, now);
      report.freeOn = state.state === wire.UseState.BUSY ? 0 : this.generation;
      states.push(state);
    }
    this.states = [];
    if (states.length > 0) bodies.push({ $case: 'states', value: { states } });
  }

  private reportDemand(key: string, now: number, bodies: Body[]): void {
    const reported = this.reported.get(key);
    if (reported?.isOver) {
      this.reported.delete(key);
      return;
    }
    const truth = this.truth.demand(key, now);
    const demand = toldDemand(truth, this.limits);
    if (reported && isSteady(reported.demand, demand) && now < reported.at + this.limits.demandSteadyMs) {
      this.demands.set(key, reported.at + this.limits.demandSteadyMs);
      return;
    }
    // If nobody was told of it, there is nothing to cancel.
    if (demand.waiting > 0 || (reported?.demand.waiting ?? 0) > 0) {
      demand.lastSeen = this.lastSeen;
      bodies.push({ $case: 'demand', value: demand });
    }
    const isOver = truth.waiting === 0;
    this.reported.set(key, { at: now, demand, isOver });
    const { demandCoalesceMs, demandLightMs } = this.limits;
    this.demands.set(key, now + (demand.waiting > 0 ? demandRepeatMs : isOver ? demandCoalesceMs : demandLightMs));
  }

  private say(body: Body): void {
    if (this.open) this.words.push(body);
  }
}
