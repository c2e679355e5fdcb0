// What sends requests and knows which are under way. It decides nothing about when: pacers and users do.
//
// Guarantees: each request is told to `finished` once; one without an answer by its deadline is lost; call-backs are matched by the identity of the request, and one
// that comes a second time is doubled. Identities are unique to this driver, so what another driver's actions say is no answer here.
import { randomBytes } from 'node:crypto';
import type { Clock } from '#clock';
import type { FinishedRequest, PlannedRequest, Scenario, Work } from '#workload';
import type { ApiClient } from './api-client';
import { Invocation } from './invocation';
import type { InsideReport } from './read-activation';

/** How often deadlines are looked at. */
const sweepMs = 250;
/** Identities of requests that are over, kept to tell a second answer from a foreign one. */
const rememberedMost = 50_000;

export interface EngineOptions {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly pollFirstMs: number;
  readonly pollMostMs: number;
  /** Where actions call back, if any do. */
  readonly callBackUrl?: string | undefined;
  readonly finished: (scenario: number, request: FinishedRequest) => void;
  readonly doubled: (scenario: number) => void;
}

/** What all requests of a scenario have in common. */
export class Lane {
  /** Requests up to the value of Content-Length, one for each action. */
  private readonly heads: readonly string[];
  private readonly tail: string;
  private lastWork: Work | undefined;
  private lastWorkText = '';

  readonly completion: Scenario['completion'];
  readonly answerWithinMs: number;

  constructor(
    { completion, answerWithinMs }: Pick<Scenario, 'completion' | 'answerWithinMs'>,
    api: ApiClient,
    names: readonly string[],
    callBackUrl: string | undefined,
  ) {
    this.completion = completion;
    this.answerWithinMs = answerWithinMs;
    const query = completion === 'blocking' ? '?blocking=true' : '';
    this.heads = names.map((name) => api.postHead(`actions/${name}${query}`));
    this.tail = completion === 'callback' ? `,"u":${JSON.stringify(callBackUrl)}}` : '}';
  }

  request({ action, work, kills }: PlannedRequest, id: string): string {
    // Work that is the same for all is one object, so it is laid out once.
    if (work !== this.lastWork) {
      this.lastWork = work;
      this.lastWorkText = JSON.stringify(work);
    }
    const body = `{"i":"${id}","w":${this.lastWorkText}${kills ? ',"k":true' : ''}${this.tail}`;
    // All of it is ASCII.
    return `${this.heads[action]!}${body.length}\r\n\r\n${body}`;
  }
}

export class Engine {
  readonly api: ApiClient;
  readonly pollFirstMs: number;
  readonly pollMostMs: number;
  /** Call-backs that belong to no request of this driver. */
  strays = 0;
  originMs: number;

  private readonly run = randomBytes(4).toString('hex');
  private readonly wallMinusMonotonicMs: number;
  private readonly underWay = new Map<string, Invocation>();
  private remembered = new Map<string, number>();
  private rememberedBefore = new Map<string, number>();
  private count = 0;
  private readonly sweep: NodeJS.Timeout;

  constructor(private readonly options: EngineOptions) {
    this.api = options.api;
    this.pollFirstMs = options.pollFirstMs;
    this.pollMostMs = options.pollMostMs;
    const { clock } = options;
    this.originMs = clock.now();
    this.wallMinusMonotonicMs = clock.wallMs() - clock.now();
    this.sweep = setInterval(() => this.endOverdue(), sweepMs);
  }

  get underWayCount(): number {
    return this.underWay.size;
  }

  now(): number {
    return this.options.clock.now();
  }

  toWall(ms: number): number {
    return ms + this.wallMinusMonotonicMs;
  }

  fromWall(ms: number): number {
    return ms - this.wallMinusMonotonicMs;
  }

  lane(scenario: Pick<Scenario, 'completion' | 'answerWithinMs'>, names: readonly string[]): Lane {
    return new Lane(scenario, this.api, names, this.options.callBackUrl);
  }

  /** `intendedMs` by the engine's clock; `done` is called when it is over. */
  send(lane: Lane, planned: PlannedRequest, intendedMs: number, done?: (invocation: Invocation) => void): void {
    const id = `${this.run}-${(this.count += 1).toString(36)}`;
    const invocation = new Invocation(this, lane, planned, id, intendedMs, done);
    this.underWay.set(id, invocation);
    if (this.api.pool.isFull) invocation.giveUp('unsent');
    else this.api.pool.send(invocation);
  }

  /** A call-back has arrived. */
  told(report: InsideReport): void {
    const invocation = this.underWay.get(report.i);
    if (invocation) {
      if (!invocation.told(report)) this.options.doubled(invocation.scenario);
      return;
    }
    const scenario = this.remembered.get(report.i) ?? this.rememberedBefore.get(report.i);
    if (scenario === undefined) this.strays += 1;
    else if (scenario >= 0) this.options.doubled(scenario);
  }

  over(invocation: Invocation, scenario: number, finished: FinishedRequest): void {
    this.underWay.delete(invocation.id);
    // What was given up may still call back, late but once.
    if (invocation.lane.completion === 'callback') {
      this.remember(invocation.id, finished.outcome === 'lost' ? lateAnswer : scenario);
    }
    this.options.finished(scenario, finished);
  }

  /** Ends what is under way as lost, and looks at deadlines no more. */
  close(): void {
    clearInterval(this.sweep);
    for (const invocation of [...this.underWay.values()]) invocation.giveUp('lost', 'the driver was stopped');
  }

  private remember(id: string, scenario: number): void {
    this.remembered.set(id, scenario);
    if (this.remembered.size < rememberedMost) return;
    this.rememberedBefore = this.remembered;
    this.remembered = new Map();
  }

  private endOverdue(): void {
    const now = this.now();
    for (const invocation of [...this.underWay.values()]) {
      if (invocation.deadlineMs <= now) invocation.giveUp('lost');
    }
  }
}

const lateAnswer = -1;
