// Drives any HTTP server with planned requests: those that are laid out beforehand, one for each action of a scenario. What an API host is asked in the same words as
// a bare runtime or a proxy before it, so that they can be compared.
//
// Guarantees: the same schedule, users and connections as a workload's (`ScenarioRun`, `ConnectionPool`); an answer counts by its status alone (200 is good, 429 and 503
// are refusals, all else is an error); nothing is sent when `run` has ended. Connections are kept from one run to the next until `close`.
import type { Clock } from '#clock';
import type { PlannedRequest, PlannedScenario } from '#workload';
import { ConnectionPool, type PooledRequest } from './connection-pool';
import type { Endpoint, NoAnswer } from './http-connection';
import { type PlainOutcome, PlainRecord, type PlainResult } from './plain-record';
import { ScenarioRun } from './scenario-run';

export interface PlainLoadOptions {
  /** Where requests go: one for all actions, or one for each. */
  readonly endpoints: readonly Endpoint[];
  /** Whole requests for each action, head and body, in ASCII; several are sent in turn. */
  readonly requests: readonly (readonly string[])[];
  /** To each endpoint. */
  readonly connectionsMost: number;
  /** Requests that wait for a connection to an endpoint; more are errors. */
  readonly waitingMost: number;
  readonly clock: Clock;
  /** Answers whose body contains this are counted apart. */
  readonly mark?: string | undefined;
  readonly windowMs?: number | undefined;
  /** As of a Pacer: 0 leaves the processor to what is measured, and sends up to a millisecond late. */
  readonly slackMs?: number | undefined;
}

/** What all requests of one run share. */
interface Run {
  readonly record: PlainRecord;
  readonly clock: Clock;
  readonly mark: string | undefined;
}

class PlainRequest implements PooledRequest {
  private sentMs: number;
  readonly readsBody: boolean;

  constructor(
    private readonly run: Run,
    private readonly text: string,
    private readonly dueMs: number,
    private readonly done: () => void,
  ) {
    this.readsBody = run.mark !== undefined;
    this.sentMs = dueMs;
  }

  leaving(): string {
    this.sentMs = this.run.clock.now();
    return this.text;
  }

  answered(status: number, body: string): void {
    const outcome = status === 200 ? 'ok' : status === 429 || status === 503 ? 'refused' : 'error';
    const { mark } = this.run;
    this.over(outcome, mark !== undefined && body.includes(mark), `status ${status} ${body.slice(0, 200)}`);
  }

  failed(reason: NoAnswer, detail: string): void {
    this.over('error', false, `${reason}: ${detail}`);
  }

  over(outcome: PlainOutcome, isMarked: boolean, detail: string): void {
    const { record, clock } = this.run;
    record.add(this.dueMs, this.sentMs, clock.now(), outcome, isMarked, outcome === 'error' ? detail : undefined);
    this.done();
  }
}

const windowMsDefault = 1_000;

export class PlainLoad {
  private readonly pools: readonly ConnectionPool[];
  private readonly turns: number[];
  private current: ScenarioRun | undefined;

  constructor(private readonly options: PlainLoadOptions) {
    const { endpoints, connectionsMost, waitingMost, requests } = options;
    this.pools = endpoints.map((endpoint) => new ConnectionPool(endpoint, connectionsMost, waitingMost));
    this.turns = requests.map(() => 0);
  }

  /** One at a time. */
  async run(planned: PlannedScenario): Promise<PlainResult> {
    const { clock, mark, windowMs = windowMsDefault } = this.options;
    const run: Run = { record: new PlainRecord(clock.now(), windowMs), clock, mark };
    const send = (request: PlannedRequest, dueMs: number, done: () => void): void =>
      this.send(run, request, dueMs, done);
    this.current = new ScenarioRun(planned, send, clock, this.options.slackMs);
    this.current.start();
    await this.current.ended;
    this.current = undefined;
    return run.record.result();
  }

  /** Sends nothing more; `run` ends when what is under way has. */
  stop(): void {
    this.current?.stop();
  }

  close(): void {
    this.stop();
    for (const pool of this.pools) pool.close();
  }

  private send(run: Run, { action }: PlannedRequest, dueMs: number, done: () => void): void {
    const texts = this.options.requests[action]!;
    const turn = (this.turns[action] = (this.turns[action]! + 1) % texts.length);
    const request = new PlainRequest(run, texts[turn]!, dueMs, done);
    const pool = this.pools[action % this.pools.length]!;
    if (pool.isFull) request.over('error', false, 'too many requests wait in the driver');
    else pool.send(request);
  }
}
