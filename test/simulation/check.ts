// `hearth check`: looks for a promise that the cluster breaks under faults, seed by seed.
//
//   hearth check --seeds 10000             that many seeds, from --from (1) on
//   hearth check --seed 42                 that one, with its whole transcript
//   hearth check --seed 42 --faults 3,7 --requests 0,5 --salt 1     only these of its faults and requests, as a found seed is printed
//   hearth check … --json FILE             leaves the counts there
//   hearth check … --no-shrink             leaves a found seed as it is
//
// Exit code: 0 nothing found, 1 a promise is broken, 2 not understood.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from './faults';
import type { Plan } from './plan';
import { replayWords, shrink } from './shrink';
import { BrokenPromise, planOfSeed, simulatePlan, type SimulationCounts } from './simulation';

export interface CheckOutput {
  out(text: string): void;
}

interface Totals {
  seeds: number;
  events: number;
  invocations: number;
  runs: number;
  records: number;
  readonly faults: Map<FaultKind, number>;
  readonly states: Set<string>;
}

const progressMs = 10_000;

class Misunderstood extends Error {}

/** Answers the exit code. */
export function runCheck(words: readonly string[], { out }: CheckOutput): number {
  try {
    const options = read(words);
    return options.seed === undefined ? search(options, out) : replay(options.seed, options, out);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const isOption = typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof Misunderstood) && !isOption) throw error;
    out(`hearth: check: ${message}\n`);
    return 2;
  }
}

// ---- options ----

type Options = ReturnType<typeof read>;

function read(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: { type: 'string', default: '300' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      salt: { type: 'string', default: '0' },
      faults: { type: 'string' },
      requests: { type: 'string' },
      json: { type: 'string' },
      'no-shrink': { type: 'boolean', default: false },
    },
  });
  const list = (name: 'faults' | 'requests'): number[] | undefined => {
    const text = values[name];
    if (text === undefined) return undefined;
    return text === 'none' ? [] : text.split(',').map((part) => whole(name, part, 0));
  };
  return {
    seeds: whole('seeds', values.seeds, 1),
    from: whole('from', values.from, 0),
    seed: values.seed === undefined ? undefined : whole('seed', values.seed, 0),
    salt: whole('salt', values.salt, 0),
    faults: list('faults'),
    requests: list('requests'),
    json: values.json,
    isShrinking: !values['no-shrink'],
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && text !== '') return value;
  throw new Misunderstood(`--${name} is "${text}"; give a whole number of at least ${least}.`);
}

// ---- one seed ----

function replay(seed: number, { salt, faults, requests }: Options, out: (text: string) => void): number {
  const all = planOfSeed(seed);
  const kept = <T>(planned: readonly T[], numbers: readonly number[] | undefined, what: string): readonly T[] => {
    if (!numbers) return planned;
    const missing = numbers.find((at) => at >= planned.length);
    if (missing !== undefined)
      throw new Misunderstood(`seed ${seed} has no ${what} ${missing}, only ${planned.length}.`);
    return planned.filter((_, at) => numbers.includes(at));
  };
  const plan: Plan = {
    ...all,
    salt,
    faults: kept(all.faults, faults, 'fault'),
    requests: kept(all.requests, requests, 'request'),
  };
  try {
    const { transcript, digest, counts } = simulatePlan(plan, Infinity);
    out(`${transcript}\n`);
    out(`seed ${seed}: every promise was kept over ${counts.events} events; transcript ${digest}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    out(`${error.transcript}\n`);
    out(`seed ${seed}: ${error.sentence} (after ${Math.round(error.atMs)} ms)\n`);
    return 1;
  }
}

// ---- many ----

function search({ seeds, from, json, isShrinking }: Options, out: (text: string) => void): number {
  const began = performance.now();
  const totals: Totals = {
    seeds: 0,
    events: 0,
    invocations: 0,
    runs: 0,
    records: 0,
    faults: new Map(),
    states: new Set(),
  };
  let toldAt = began;
  for (let seed = from; seed < from + seeds; seed += 1) {
    try {
      add(totals, simulatePlan(planOfSeed(seed)).counts);
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      found(error, isShrinking, out);
      return 1;
    }
    if (performance.now() - toldAt < progressMs) continue;
    toldAt = performance.now();
    out(
      `check: ${totals.seeds} of ${seeds} seeds, ${thousands(totals.events)} events, ${thousands(totals.states.size)} states\n`,
    );
  }
  const seconds = (performance.now() - began) / 1_000;
  for (const line of summary(totals, from, seconds)) out(`check: ${line}\n`);
  if (json !== undefined) {
    const { states, faults, ...counts } = totals;
    const document = { from, seconds, ...counts, states: states.size, faults: Object.fromEntries(faults) };
    writeFileSync(json, `${JSON.stringify(document, undefined, 2)}\n`);
  }
  return 0;
}

function add(totals: Totals, counts: SimulationCounts): void {
  totals.seeds += 1;
  totals.events += counts.events;
  totals.invocations += counts.accepted;
  totals.runs += counts.ran;
  totals.records += counts.records;
  for (const kind of faultKinds) totals.faults.set(kind, (totals.faults.get(kind) ?? 0) + (counts.faults[kind] ?? 0));
  for (const state of counts.states) totals.states.add(state);
}

const thousands = (count: number): string => count.toLocaleString('en-US');

function summary(
  { seeds, events, invocations, runs, records, faults, states }: Totals,
  from: number,
  seconds: number,
): string[] {
  const injected = [...faults.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${thousands(seeds)} seeds from ${from} on keep every promise, in ${Math.round(seconds)} s`,
    `${thousands(events)} events, ${thousands(invocations)} invocations, ${thousands(runs)} runs, ${thousands(records)} records`,
    `${thousands(injected)} faults: ${[...faults].map(([kind, count]) => `${kind} ${thousands(count)}`).join(', ')}`,
    `${thousands(states.size)} states of the cluster visited`,
  ];
}

function found(broken: BrokenPromise, isShrinking: boolean, out: (text: string) => void): void {
  const { plan } = broken;
  out(`check: seed ${plan.seed} breaks a promise: ${broken.sentence}\n`);
  const shortest = isShrinking ? shrink(broken) : broken;
  const { faults, requests } = shortest.plan;
  const words = replayWords(shortest.plan, plan);
  const { transcript, sentence } = again(shortest);
  out(
    `check: the shortest that shows it has ${faults.length} faults and ${requests.length} requests:\n${transcript}\n`,
  );
  out(`check: ${sentence}\n`);
  out(`check: to see it again: hearth check ${words}\n`);
}

/** With its whole transcript. */
function again(broken: BrokenPromise): BrokenPromise {
  try {
    simulatePlan(broken.plan, Infinity);
  } catch (error) {
    if (error instanceof BrokenPromise) return error;
    throw error;
  }
  throw new Error(`seed ${broken.plan.seed} breaks a promise once and keeps it the next time: it is not deterministic`);
}
