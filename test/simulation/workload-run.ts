// A workload on a simulated cluster: the plan of its file, sent as its drivers would send it, and counted in the same statistics.
//
// Guarantees: requests are expanded as they come due, so a plan of millions costs no memory; times are those of the cluster's clock, from when it
// was ready; what ends is counted once. Actions of a scenario that wants warm or suspended containers are called before, as its driver would.
import {
  type FinishedRequest,
  type Outcome,
  type Plan,
  type PlannedRequest,
  workMs,
  WorkloadStatistics,
} from '#workload';
import type { KeyFacts } from '../../apps/controller/src/invoke/load-balancer';
import type { Controller } from './controller';
import type { Action, Invocation } from './invocation';
import { WaitingClient, type WaitingParts } from './waiting-client';
import type { World } from './world';

/** Which controller gets a request: any in turn, or always the same for an action. */
export type Route = 'any' | 'action';

export interface WorkloadRunSettings {
  readonly route: Route;
  /** Told of each that ended. */
  readonly onEnd?: (finished: FinishedRequest) => void;
}

/** As the driver has it for clocks of two processes. */
const clockSlackMs = 5;
/** As the driver's warm-up has them. */
const openAtOnce = 4;
const warmUpMs = 20;

const outcomeOf: Readonly<Record<string, Outcome>> = {
  ran: 'ok',
  killed: 'killed',
  'kept elsewhere': 'ok',
  expired: 'unavailable',
  'not taken': 'unavailable',
};

export class WorkloadRun {
  readonly statistics: WorkloadStatistics;
  ended = 0;
  answered = 0;
  cold = 0;
  /** Answered and cold, by scenario and action. */
  private readonly byAction: readonly { readonly answered: Uint32Array; readonly cold: Uint32Array }[];
  errors = 0;
  /** By scenario, in the order of the plan. */
  readonly actions: readonly (readonly Action[])[];
  /** The same, with runs that end their container; made as they are needed. */
  private readonly killers = new Map<Action, Action>();
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
    const facts = new Map<string, KeyFacts>();
    this.actions = plan.scenarios.map(({ actions }) => actions.map((action) => simulatedAction(action, facts)));
    this.open = plan.scenarios.map(() => 0);
    this.byAction = plan.scenarios.map(({ actions }) => ({
      answered: new Uint32Array(actions.length),
      cold: new Uint32Array(actions.length),
    }));
    this.isSent = plan.scenarios.map(() => false);
    this.startedAt = plan.scenarios.map(() => 0);
  }

  /** Warms up, then starts what does not wait for another scenario. `begun`: when time begins to count. */
  start(begun?: () => void): void {
    this.warmUp(() => {
      begun?.();
      this.beganAt = this.world.queue.now;
      for (const [at, { after }] of this.plan.scenarios.entries()) if (after === undefined) this.startScenario(at);
    });
  }

  /** One action after the other, as often at once as its users will; then the rest that suspended containers need. */
  private warmUp(done: () => void): void {
    const wanted = this.plan.scenarios.flatMap(({ scenario: { start }, closed }, at) => {
      if (start !== 'warm' && start !== 'suspended') return [];
      const actions = this.actions[at]!;
      const atOnce = closed ? Math.max(1, Math.ceil(closed.users / actions.length)) : openAtOnce;
      return actions.map((action) => ({ action, times: start === 'warm' ? atOnce : 1 }));
    });
    const rests = this.plan.scenarios.map(({ scenario: { start, restMs } }) => (start === 'suspended' ? restMs : 0));
    const { queue, controllers } = this.world;
    const next = (): void => {
      const one = wanted.shift();
      if (!one) return Math.max(...rests) > 0 ? queue.after(Math.max(...rests), done) : done();
      let left = one.times;
      const ended = (): void => {
        left -= 1;
        if (left === 0) queue.after(0, next);
      };
      for (let time = 0; time < one.times; time += 1) {
        controllers[time % controllers.length]!.invoke(one.action, warmUpMs, undefined, ended);
      }
    };
    next();
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

  private send(at: number, { action: which, work, kills }: PlannedRequest, done?: () => void): void {
    const { world } = this;
    const { controllers } = world;
    const planned = this.actions[at]![which]!;
    const action = kills ? this.killerOf(planned) : planned;
    const { completion } = this.plan.scenarios[at]!.scenario;
    const turn = this.settings.route === 'any' ? (this.turn += 1) : which;
    const controller = controllers[turn % controllers.length]!;
    const sentAt = world.queue.now;
    this.open[at]! += 1;
    const over = (how: string, invocation: Invocation | undefined): void => {
      this.open[at]! -= 1;
      this.count(at, which, sentAt, kills && how !== 'ran' ? 'killed' : how, invocation);
      if (done) world.queue.after(0, done);
      this.endIfOver(at);
    };
    const takesMs = workMs(work);
    if (completion === 'blocking') this.invoke(controller, action, takesMs, over);
    else controller.accept(action, takesMs, this.waiting(completion, over));
  }

  private killerOf(action: Action): Action {
    const known = this.killers.get(action);
    if (known) return known;
    const killer = { ...action, kills: true };
    this.killers.set(action, killer);
    return killer;
  }

  private invoke(controller: Controller, action: Action, takesMs: number, over: WaitingParts['over']): void {
    // One that is not taken ends before `invoke` returns.
    let early: string | undefined;
    let isTaken = false;
    const onEnd = (how: string): void => {
      if (isTaken) over(how, invocation);
      else early = how;
    };
    const invocation: Invocation = controller.invoke(action, takesMs, undefined, onEnd);
    isTaken = true;
    if (early !== undefined) over(early, invocation);
  }

  private waiting(completion: WaitingParts['completion'], over: WaitingParts['over']): WaitingClient {
    const { timings, chance, limits, queue } = this.world;
    const askMs = (): number => timings.inMs(chance) + timings.outMs(chance);
    return new WaitingClient({ completion, limits, after: (ms, act) => queue.after(ms, act), askMs, over });
  }

  /** Of the actions that were called more than once, the share of cold starts that a quarter of them exceeds: what users of rare actions see. */
  get coldThirdQuartile(): number {
    const shares = this.byAction.flatMap(({ answered, cold }) =>
      [...answered].flatMap((count, at) => (count > 1 ? [cold[at]! / count] : [])),
    );
    return shares.sort((left, right) => left - right)[Math.floor(0.75 * shares.length)] ?? 0;
  }

  private count(at: number, which: number, sentAt: number, how: string, invocation: Invocation | undefined): void {
    const { now } = this.world.queue;
    const intendedMs = sentAt - this.beganAt;
    const outcome = outcomeOf[how] ?? (how.startsWith('failed') ? 'developer-error' : 'platform-error');
    const endedMs = now - this.beganAt;
    const finished: FinishedRequest = {
      intendedMs,
      sentMs: intendedMs,
      endedMs,
      outcome,
      ...(outcome === 'ok' && invocation ? this.insideOf(invocation) : outcome === 'killed' ? {} : { detail: how }),
    };
    this.statistics.record(at, finished);
    this.ended += 1;
    if (outcome === 'ok') {
      const { answered, cold } = this.byAction[at]!;
      this.answered += 1;
      answered[which]! += 1;
      if (invocation?.course.startPath === 'cold') {
        this.cold += 1;
        cold[which]! += 1;
      }
    } else if (outcome !== 'killed') this.errors += 1;
    this.settings.onEnd?.(finished);
  }

  private insideOf({ course, acceptedAt }: Invocation): Partial<FinishedRequest> {
    const { container, bornAt, initMs, runMs, runAtMs } = course;
    // As a driver sees it, which knows of a container only what it says: one that is older than the request was waiting, for whomever it was made.
    const isOlder = bornAt !== undefined && bornAt < acceptedAt - clockSlackMs;
    const startPath = initMs === undefined ? course.startPath : isOlder ? 'prewarmed' : 'cold';
    const waitMs = Math.max(0, runAtMs - acceptedAt - (initMs ?? 0));
    const insideStartMs = runAtMs - this.beganAt;
    return { startPath, container, initMs, runMs, waitMs, insideStartMs, insideEndMs: insideStartMs + runMs };
  }

  private endIfOver(at: number): void {
    if (!this.isSent[at] || this.open[at] !== 0) return;
    for (const [next, { after }] of this.plan.scenarios.entries()) if (after === at) this.startScenario(next);
  }
}

/** Actions that are alike share their facts: there may be a million. */
function simulatedAction(
  { name, kind, memoryMb, timeoutMs, concurrency }: Plan['scenarios'][number]['actions'][number],
  known: Map<string, KeyFacts>,
): Action {
  const alike = `${kind} ${memoryMb} ${concurrency}`;
  let facts = known.get(alike);
  if (!facts) {
    facts = { kind, image: '', memoryMb, concurrency, logLimitMb: 10, namespaceConcurrency: 0 };
    known.set(alike, facts);
  }
  return {
    // Joined, since a template leaves three strings that refer to each other.
    key: ['guest|guest/', name, '|1'].join(''),
    facts,
    durationMs: 0,
    initFailShare: 0,
    retries: 0,
    timeoutMs,
    initTimeoutMs: 60_000,
  };
}
