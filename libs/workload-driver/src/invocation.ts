// One request from when it was due to what became of it: sent, answered or called back, checked, and told to the statistics once.
//
// Guarantees: `done` is called exactly once; an answer that bears another request's identity or activation is swapped; one that comes after the deadline changes nothing.
import type { FinishedRequest, Outcome, PlannedRequest } from '#workload';
import type { PooledRequest } from './connection-pool';
import type { NoAnswer } from './http-connection';
import { type InsideReport, readActivation, type ReadActivation } from './read-activation';
import { startPathOf } from './start-path';
import type { Engine, Lane } from './engine';

export class Invocation implements PooledRequest {
  isOver = false;
  deadlineMs: number;
  private sentMs = 0;
  private acceptedId: string | undefined;
  private toldByAction: InsideReport | undefined;
  private pollAfterMs: number;

  constructor(
    private readonly engine: Engine,
    readonly lane: Lane,
    private readonly planned: PlannedRequest,
    readonly id: string,
    /** By the engine's clock. */
    private readonly intendedMs: number,
    private readonly done: ((invocation: Invocation) => void) | undefined,
  ) {
    this.deadlineMs = intendedMs + lane.answerWithinMs;
    this.pollAfterMs = engine.pollFirstMs;
  }

  get scenario(): number {
    return this.planned.scenario;
  }

  leaving(): string {
    this.sentMs = this.engine.now();
    return this.lane.request(this.planned, this.id);
  }

  answered(status: number, body: string): void {
    if (this.isOver) return;
    const read = readActivation(status, body);
    if (!('acceptedId' in read)) return this.finish(read);
    this.acceptedId = read.acceptedId;
    if (this.lane.completion !== 'callback') return this.pollLater();
    if (this.toldByAction) this.finishToldByAction(this.toldByAction);
  }

  failed(reason: NoAnswer, detail: string): void {
    if (!this.isOver) this.finish({ outcome: reason, detail });
  }

  /** The action has called back; answers false if it has before. */
  told(report: InsideReport): boolean {
    if (this.toldByAction) return false;
    this.toldByAction = report;
    if (this.acceptedId !== undefined) this.finishToldByAction(report);
    return true;
  }

  /** Ends it without an answer. */
  giveUp(outcome: Outcome, detail?: string): void {
    if (!this.isOver) this.finish({ outcome, ...(detail !== undefined && { detail }) });
  }

  private finishToldByAction(inside: InsideReport): void {
    const isOther = inside.a !== '' && inside.a !== this.acceptedId;
    this.finish({ outcome: isOther ? 'swapped' : 'ok', activationId: this.acceptedId, inside });
  }

  private pollLater(): void {
    setTimeout(pollOf, this.pollAfterMs, this);
    this.pollAfterMs = Math.min(this.engine.pollMostMs, this.pollAfterMs * 2);
  }

  /** Asks for the record. */
  poll(): void {
    if (!this.isOver) this.engine.api.pool.send(new Poll(this, this.engine.api.get(`activations/${this.acceptedId}`)));
  }

  polled(status: number, body: string): void {
    if (this.isOver) return;
    // Not there yet; or the host is busy, which is no answer either.
    if (status === 404 || status === 429 || status === 503) return this.pollLater();
    const read = readActivation(status, body);
    if ('acceptedId' in read) this.pollLater();
    else this.finish(read);
  }

  private finish(read: ReadActivation): void {
    this.isOver = true;
    const { engine, planned } = this;
    const endedMs = engine.now();
    const { inside } = read;
    const { outcome, detail } = this.judged(read);
    const sentMs = this.sentMs === 0 ? endedMs : this.sentMs;
    const acceptedMs = read.startMs === undefined ? engine.toWall(sentMs) : read.startMs - (read.waitMs ?? 0);
    const finished: FinishedRequest = {
      intendedMs: this.intendedMs - engine.originMs,
      sentMs: sentMs - engine.originMs,
      endedMs: endedMs - engine.originMs,
      outcome,
      detail,
      startPath: outcome === 'ok' ? startPathOf(read.initMs, acceptedMs, inside) : undefined,
      waitMs: read.waitMs,
      initMs: read.initMs,
      runMs: read.runMs ?? (inside && inside.e - inside.s),
      container: inside?.c,
      containerRunsBefore: inside?.n,
      insideStartMs: inside && engine.fromWall(inside.s) - engine.originMs,
      insideEndMs: inside && engine.fromWall(inside.e) - engine.originMs,
    };
    engine.over(this, planned.scenario, finished);
    this.done?.(this);
  }

  private judged({ outcome, detail, inside, activationId }: ReadActivation): {
    outcome: Outcome;
    detail?: string | undefined;
  } {
    if (
      this.planned.kills &&
      (outcome === 'developer-error' || outcome === 'platform-error' || outcome === 'action-error')
    ) {
      return { outcome: 'killed' };
    }
    if (outcome !== 'ok') return { outcome, detail };
    if (!inside) return { outcome: 'malformed', detail: 'the result is not that of the action of the workload' };
    const isOthers =
      inside.i !== this.id || (inside.a !== '' && activationId !== undefined && inside.a !== activationId);
    return isOthers ? { outcome: 'swapped', detail: `asked ${this.id}, answered ${inside.i}` } : { outcome };
  }
}

const pollOf = (invocation: Invocation): void => invocation.poll();

class Poll implements PooledRequest {
  constructor(
    private readonly invocation: Invocation,
    private readonly request: string,
  ) {}

  leaving(): string {
    return this.request;
  }

  answered(status: number, body: string): void {
    this.invocation.polled(status, body);
  }

  failed(): void {
    // The record may still be there when the host is back.
    this.invocation.polled(503, '');
  }
}
