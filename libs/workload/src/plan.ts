// Expands a workload and its seed into what is planned: the actions, and for each scenario the requests with their times, actions and work. Pure.
//
// Guarantees: the same file and seed give the same plan, whatever runs it and in whichever order scenarios are read; an open scenario's requests come in the
// order of their times; nothing is kept of what was read, so a plan of millions of requests costs no memory. Counts of a trace are read by the caller (`readFile`).
import { burstTimes, constantTimes, diurnalTimes, onOffTimes, poissonTimes, until } from './arrival-times';
import { sampler } from './distributions';
import { actionChooser } from './popularity';
import { mergeTimes } from './merge-times';
import { planCounts } from './plan-counts';
import { planActions } from './planned-actions';
import { planWild } from './plan-wild';
import { streamOf } from './random-streams';
import {
  type ClosedRequest,
  type Expanded,
  type Plan,
  PlanFailure,
  type PlannedRequest,
  type PlannedScenario,
  type Seeded,
} from './planned';
import { workSampler } from './work';
import type { Scenario, Workload } from './workload-file';

export interface PlanOptions {
  /** Instead of the file's. */
  readonly seed?: number | undefined;
  /** Text of a file that the workload names. May throw; the message is given to the user. */
  readonly readFile?: (name: string) => string;
}

/** Throws `PlanFailure`. */
export function planWorkload(workload: Workload, { seed = workload.seed, readFile = noFile }: PlanOptions = {}): Plan {
  const scenarios = workload.scenarios.map((scenario, position): PlannedScenario => {
    const after = afterOf(workload, position);
    const seeded = { scenario, position, seed };
    if (scenario.wild) return { scenario, after, ...planWild(seeded, scenario.wild) };
    const { counts } = scenario.arrivals ?? {};
    if (counts) return { scenario, after, ...planCounts(seeded, counts, readFile) };
    return { scenario, after, ...planGenerated(seeded) };
  });
  return { workload, seed, scenarios };
}

function noFile(name: string): string {
  throw new PlanFailure(`${name} cannot be read here`);
}

function afterOf({ scenarios, order }: Workload, position: number): number | undefined {
  if (order === 'sequence') return position === 0 ? undefined : position - 1;
  const { after } = scenarios[position]!;
  return after === undefined ? undefined : scenarios.findIndex(({ name }) => name === after);
}

function planGenerated({ scenario, position, seed }: Seeded): Expanded {
  const { name, arrivals = {}, requests } = scenario;
  const hasOwnActions = scenario.start === 'cold' || scenario.start === 'prewarmed';
  const actions = planActions(scenario, hasOwnActions ? requests! : (scenario.actions?.count ?? 1), seed);
  const popularity = scenario.start === 'suspended' ? 'roundRobin' : (scenario.actions?.popularity ?? 'uniform');
  const requestsOf = function* (times: Iterable<number>, share: string, most: number, first = 0) {
    const action = actionChooser(popularity, actions.length, streamOf(seed, name, share, 'action'));
    const work = workSampler(scenario.work, streamOf(seed, name, share, 'work'));
    const kill = killChooser(scenario, seed, share);
    let index = 0;
    if (most <= 0) return;
    for (const atMs of times) {
      const planned: PlannedRequest = {
        atMs,
        scenario: position,
        index,
        action: hasOwnActions ? first + index : action(),
        work: work(),
        kills: kill(),
      };
      yield planned;
      if ((index += 1) >= most) return;
    }
  };
  const { closed } = arrivals;
  if (closed) {
    const { users, thinkMs } = closed;
    // Requests that cannot be divided evenly go to the first users.
    const shareOf = (user: number): number =>
      Math.floor((requests ?? 0) / users) + (user < (requests ?? 0) % users ? 1 : 0);
    const before = (user: number): number =>
      user * Math.floor((requests ?? 0) / users) + Math.min(user, (requests ?? 0) % users);
    const user = (at: number): Iterable<ClosedRequest> => {
      const think = sampler(thinkMs, streamOf(seed, name, `user ${at}`, 'think'));
      return requestsOf(thinking(think), `user ${at}`, requests === undefined ? Infinity : shareOf(at), before(at));
    };
    return { actions, closed: { users, user }, requests, remarks: [] };
  }
  const most = requests ?? Infinity;
  const open = (): Iterable<PlannedRequest> =>
    requestsOf(until(openTimes(scenario, seed), scenario.durationMs), 'open', most);
  return { actions, open, requests, remarks: [] };
}

/** The user's first request comes at once. */
function* thinking(think: () => number): Generator<number> {
  yield 0;
  for (;;) yield think();
}

function openTimes({ name, arrivals = {} }: Scenario, seed: number): Iterable<number> {
  const random = streamOf(seed, name, 'arrivals');
  const { constant, poisson, bursts, onOff, diurnal } = arrivals;
  if (constant) return constantTimes(constant.perSecond);
  if (poisson) return poissonTimes(poisson.perSecond, random);
  if (bursts) return burstTimes(bursts);
  if (onOff) return onOffTimes(onOff, random);
  if (diurnal) return diurnalTimes(diurnal, random);
  throw new Error('workload: arrivals without a kind were not refused');
}

function killChooser({ name, kill }: Scenario, seed: number, share: string): () => boolean {
  if (!kill) return () => false;
  const random = streamOf(seed, name, share, 'kill');
  return () => random() < kill.share;
}

/** The open requests of scenarios that begin together, as one stream in the order of their times (each with its scenario's startAtMs added). */
export function mergedRequests(scenarios: readonly PlannedScenario[]): Iterable<PlannedRequest> {
  const shifted = scenarios.flatMap(({ open, scenario: { startAtMs } }) => (open ? [shift(open(), startAtMs)] : []));
  return mergeTimes(shifted, ({ atMs }) => atMs);
}

function* shift(requests: Iterable<PlannedRequest>, byMs: number): Generator<PlannedRequest> {
  for (const request of requests) yield byMs === 0 ? request : { ...request, atMs: request.atMs + byMs };
}
