// A workload on a simulated cluster: the plan of its file, sent as its drivers would send it, and counted in the same statistics.
//
// Guarantees: requests are expanded as they come due, so a plan of millions costs no memory; times are those of the cluster's clock, from when it
// was ready; what ends is counted once. Every request counts as a blocking one, however the file has it completed.
import {
  type FinishedRequest,
  type Outcome,
  type Plan,
  type PlannedRequest,
  workMs,
  WorkloadStatistics,
} from '#workload';
import type { Action, Invocation } from './invocation';
import type { World } from './world';

/** Which controller gets a request: any in turn, or always the same for an action. */
export type Route = 'any' | 'action';

export interface WorkloadRunSettings {
  readonly route: Route;
  /** Told of each that ended. */
  readonly onEnd?: (finished: FinishedRequest) => void;
}

const outcomeOf: Readonly<Record<string, Outcome>> = {
  ran: 'ok',
  'kept elsewhere': 'ok',
  expired: 'unavailable',
  'not taken': 'unavailable',
};

export class WorkloadRun {
  readonly statistics: WorkloadStatistics;
  ended = 0;
  cold = 0;
  errors = 0;
  /** By scenario, in the order of the plan. */
  readonly actions: readonly (readonly Action[])[];
  private readonly open: number[];
  private readonly isSent: boolean[];
  private readonly startedAt: number[];
  private beganAt = 0;
  private turn = 0;

  constructor(
    private readonly world: World,
    private readonly plan: Plan,
    private readonly settings: WorkloadRunSettings,
  ) {
    this.statistics = new WorkloadStatistics(plan);
    this.actions = plan.scenarios.map(({ actions }) => actions.map(simulatedAction));
    this.open = plan.scenarios.map(() => 0);
    this.isSent = plan.scenarios.map(() => false);
    this.startedAt = plan.scenarios.map(() => 0);
  }

  /** Starts what does not wait for another scenario. */
  start(): void {
    this.beganAt = this.world.queue.now;
    for (const [at, { after }] of this.plan.scenarios.entries()) if (after === undefined) this.startScenario(at);
  }

  get isOver(): boolean {
    return this.isSent.every((sent, at) => sent && this.open[at] === 0);
  }

  get elapsedMs(): number {
    return this.world.queue.now - this.beganAt;
  }

  private startScenario(at: number): void {
    const { scenario, open, closed } = this.plan.scenarios[at]!;
    this.world.queue.after(scenario.startAtMs, () => {
      this.startedAt[at] = this.world.queue.now;
      if (open) this.next(at, open()[Symbol.iterator]());
      if (closed) this.startUsers(at, closed);
    });
  }

  /** One request of an open scenario waits to come due. */
  private next(at: number, requests: Iterator<PlannedRequest>): void {
    const { done, value } = requests.next();
    if (done === true) {
      this.isSent[at] = true;
      return this.endIfOver(at);
    }
    this.world.queue.at(this.startedAt[at]! + value.atMs, () => {
      this.send(at, value);
      this.next(at, requests);
    });
  }

  private startUsers(at: number, { users, user }: NonNullable<Plan['scenarios'][number]['closed']>): void {
    const { queue } = this.world;
    const { durationMs = Infinity } = this.plan.scenarios[at]!.scenario;
    const endsAt = this.startedAt[at]! + durationMs;
    let left = users;
    const step = (requests: Iterator<PlannedRequest>): void => {
      const { done, value } = requests.next();
      if (done === true || queue.now + value.atMs > endsAt) {
        left -= 1;
        this.isSent[at] = left === 0;
        return this.endIfOver(at);
      }
      queue.after(value.atMs, () => this.send(at, value, () => step(requests)));
    };
    for (let each = 0; each < users; each += 1) step(user(each)[Symbol.iterator]());
  }

  private send(at: number, { action: which, work }: PlannedRequest, done?: () => void): void {
    const { world } = this;
    const { controllers } = world;
    const action = this.actions[at]![which]!;
    const turn = this.settings.route === 'any' ? (this.turn += 1) : which;
    const controller = controllers[turn % controllers.length]!;
    const sentAt = world.queue.now;
    this.open[at]! += 1;
    const over = (how: string): void => {
      this.open[at]! -= 1;
      this.count(at, sentAt, how, invocation);
      if (done) world.queue.after(0, done);
      this.endIfOver(at);
    };
    // One that is not taken ends before `invoke` returns.
    let early: string | undefined;
    let isTaken = false;
    const onEnd = (how: string): void => {
      if (isTaken) over(how);
      else early = how;
    };
    const invocation: Invocation = controller.invoke(action, workMs(work), undefined, onEnd);
    isTaken = true;
    if (early !== undefined) over(early);
  }

  private count(at: number, sentAt: number, how: string, invocation: Invocation): void {
    const { now } = this.world.queue;
    const intendedMs = sentAt - this.beganAt;
    const { course } = invocation;
    const outcome = outcomeOf[how] ?? (how.startsWith('failed') ? 'developer-error' : 'platform-error');
    const insideEndMs = now - this.beganAt;
    const finished: FinishedRequest = {
      intendedMs,
      sentMs: intendedMs,
      endedMs: insideEndMs,
      outcome,
      ...(outcome === 'ok'
        ? {
            startPath: course.startPath,
            container: course.container,
            initMs: course.initMs,
            runMs: course.runMs,
            waitMs: Math.max(0, course.runAtMs - invocation.acceptedAt - (course.initMs ?? 0)),
            insideStartMs: insideEndMs - course.runMs,
            insideEndMs,
          }
        : { detail: how }),
    };
    this.statistics.record(at, finished);
    this.ended += 1;
    if (outcome !== 'ok') this.errors += 1;
    else if (course.startPath === 'cold') this.cold += 1;
    this.settings.onEnd?.(finished);
  }

  private endIfOver(at: number): void {
    if (!this.isSent[at] || this.open[at] !== 0) return;
    for (const [next, { after }] of this.plan.scenarios.entries()) if (after === at) this.startScenario(next);
  }
}

function simulatedAction({
  name,
  kind,
  memoryMb,
  timeoutMs,
  concurrency,
}: Plan['scenarios'][number]['actions'][number]): Action {
  return {
    key: `guest|guest/${name}|1`,
    facts: { kind, image: '', memoryMb, concurrency, logLimitMb: 10, namespaceConcurrency: 0 },
    durationMs: 0,
    initFailShare: 0,
    retries: 0,
    timeoutMs,
    initTimeoutMs: 60_000,
  };
}
