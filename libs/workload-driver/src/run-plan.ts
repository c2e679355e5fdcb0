// Runs a plan against an API host: makes its actions, warms up what has to be warm, runs its scenarios in their order, removes the actions, and answers the result.
//
// Guarantees: what was made is removed on every way out; `stop` ends it with what was measured so far (twice: without waiting for what is under way); nothing of it
// goes on when `run` has ended.
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { type Plan, type WorkloadResult, WorkloadStatistics } from '#workload';
import { ApiClient } from './api-client';
import { hostUrl } from './api-host';
import { type CallBackAddress, CallBacks } from './call-backs';
import { ConnectionPool } from './connection-pool';
import { CreatedActions } from './created-actions';
import { DriverFailure } from './driver-failure';
import { Engine } from './engine';
import type { Endpoint } from './http-connection';
import { ScenarioRun, type Sender } from './scenario-run';
import { warmUp } from './warm-up';

export interface DriverOptions {
  readonly endpoint: Endpoint;
  /** user:password. */
  readonly auth: string;
  /** Before the names of actions; unique to this run unless somebody wants it otherwise. */
  readonly prefix: string;
  /** Source of the action. */
  readonly actionCode: string;
  readonly callBack: CallBackAddress;
  readonly clock: Clock;
  readonly limits: Limits;
}

export type Phase = 'creating actions' | 'warming up' | 'running' | 'removing actions';

/** What can be watched while it runs. */
export interface Progress {
  readonly phase: Phase;
  /** 0 to 1. */
  readonly share: number;
  readonly elapsedMs: number;
  readonly statistics: WorkloadStatistics;
}

export class PlanRun {
  private readonly statistics: WorkloadStatistics;
  private readonly pool: ConnectionPool;
  private readonly api: ApiClient;
  private readonly actions: CreatedActions;
  private phase: Phase = 'creating actions';
  private startedMs: number;
  private runs: ScenarioRun[] = [];
  private stops = 0;
  private stopped: () => void = () => undefined;
  private readonly whenStopped = new Promise<void>((resolve) => (this.stopped = resolve));
  private dropped: () => void = () => undefined;
  private readonly whenDropped = new Promise<void>((resolve) => (this.dropped = resolve));

  constructor(
    private readonly plan: Plan,
    private readonly options: DriverOptions,
  ) {
    const { endpoint, auth, prefix, actionCode, limits, clock } = options;
    this.statistics = new WorkloadStatistics(plan);
    this.pool = new ConnectionPool(endpoint, limits.driverConnectionsCount, limits.driverWaitingCount);
    this.api = new ApiClient(endpoint, auth, this.pool);
    this.actions = new CreatedActions(this.api, prefix, actionCode);
    this.startedMs = clock.now();
  }

  progress(): Progress {
    const elapsedMs = this.options.clock.now() - this.startedMs;
    return { phase: this.phase, share: this.share(), elapsedMs, statistics: this.statistics };
  }

  stop(): void {
    this.stops += 1;
    this.stopped();
    for (const run of this.runs) run.stop();
    if (this.stops > 1) this.dropped();
  }

  /** Throws `DriverFailure` if nothing could be measured. */
  async run(): Promise<WorkloadResult> {
    const { clock, endpoint, limits } = this.options;
    const callBacks = await this.listen();
    const engine = new Engine({
      api: this.api,
      clock,
      pollFirstMs: limits.driverPollFirstMs,
      pollMostMs: limits.driverPollMostMs,
      callBackUrl: callBacks?.url,
      finished: (scenario, request) => {
        if (scenario >= 0) this.statistics.record(scenario, request);
      },
      doubled: (scenario) => this.statistics.scenarios[scenario]?.doubled(),
    });
    this.told = (report) => engine.told(report);
    const remarks: string[] = [];
    let elapsedMs = 0;
    let startedAt = '';
    try {
      await this.actions.create(this.plan, () => this.stops > 0);
      this.phase = 'warming up';
      if (this.stops === 0) await Promise.race([warmUp(this.plan, engine, this.actions, clock), this.whenStopped]);
      this.phase = 'running';
      this.startedMs = engine.originMs = clock.now();
      startedAt = new Date(clock.wallMs()).toISOString();
      if (this.stops === 0) await this.runScenarios(engine);
      elapsedMs = clock.now() - this.startedMs;
    } finally {
      engine.close();
      this.phase = 'removing actions';
      const left = await this.actions.remove();
      if (left !== undefined) remarks.push(left);
      this.pool.close();
      await callBacks?.close();
    }
    if (engine.strays > 0) remarks.push(`${engine.strays} call-backs belonged to no request of this driver.`);
    if (callBacks && callBacks.unreadable > 0) remarks.push(`${callBacks.unreadable} call-backs could not be read.`);
    const isPartial = this.stops > 0;
    return this.statistics.toResult({
      source: 'platform',
      target: hostUrl(endpoint),
      startedAt,
      elapsedMs,
      isPartial,
      remarks,
    });
  }

  private told: (report: Parameters<Engine['told']>[0]) => void = () => undefined;

  private async listen(): Promise<CallBacks | undefined> {
    if (!this.plan.scenarios.some(({ scenario }) => scenario.completion === 'callback')) return undefined;
    const { callBack } = this.options;
    try {
      return await CallBacks.listen(callBack, (report) => this.told(report));
    } catch (error) {
      throw new DriverFailure(
        `cannot listen on ${callBack.host}:${callBack.port} for call-backs (${(error as Error).message}).`,
      );
    }
  }

  /** Resolves when every scenario has ended, or some time after `stop`. */
  private async runScenarios(engine: Engine): Promise<void> {
    const { clock, limits } = this.options;
    this.runs = this.plan.scenarios.map((planned) => {
      const names = planned.actions.map((action) => this.actions.nameOf(action));
      const lane = engine.lane(planned.scenario, names);
      const send: Sender = (request, intendedMs, done) => engine.send(lane, request, intendedMs, done);
      return new ScenarioRun(planned, send, clock);
    });
    const all = Promise.all(this.runs.map((run) => this.runInOrder(run)));
    await Promise.race([all, this.whenStopped]);
    if (this.stops === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, limits.driverStopMs)));
    await Promise.race([all, patience, this.whenDropped]);
    clearTimeout(timer);
  }

  private async runInOrder(run: ScenarioRun): Promise<void> {
    const { after, scenario } = run.planned;
    if (after !== undefined) await this.runs[after]!.ended;
    if (scenario.startAtMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        new Promise((resolve) => (timer = setTimeout(resolve, scenario.startAtMs))),
        this.whenStopped,
      ]);
      clearTimeout(timer);
    }
    if (this.stops > 0) return;
    run.start();
    await run.ended;
  }

  /** By time where a scenario says how long it lasts, else by requests. */
  private share(): number {
    if (this.phase !== 'running') return this.phase === 'removing actions' ? 1 : 0;
    const now = this.options.clock.now();
    const shares = this.runs.map(({ planned: { scenario, requests }, over, startedMs }) => {
      if (startedMs === undefined) return 0;
      const byCount = requests === undefined ? 0 : over / requests;
      const byTime = scenario.durationMs === undefined ? 0 : (now - startedMs) / scenario.durationMs;
      return Math.min(1, Math.max(byCount, byTime));
    });
    return shares.length === 0 ? 0 : shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }
}
