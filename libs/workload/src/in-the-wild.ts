// Functions drawn from the published statistics of a public cloud ("Serverless in the Wild", USENIX ATC 2020, section 3): functions of an application, how often
// each is called, by what, how regularly, how long it takes and how much memory it has. Pure.
//
// Guarantees: the draw is stratified, so that its quantiles are those of the publication from some hundred applications on (in-the-wild.spec.ts checks
// each); the same seed draws the same. It says nothing about correlations that were not published, and not which trigger makes how many invocations.
import { burrQuantile } from './distributions';
import { knotQuantile, normalQuantile, stratified } from './quantiles';
import { shuffle, streamOf } from './random-streams';

export type Trigger = 'http' | 'event' | 'queue' | 'timer' | 'other';

export interface WildFunction {
  readonly app: number;
  trigger: Trigger;
  readonly perDay: number;
  /** Coefficient of variation of the times between its invocations: 0 for timers, 1 for Poisson, more for bursts. */
  cv: number;
  /** Average. */
  durationMs: number;
  /** Of the application; as drawn, before it is fitted to what a platform allows. */
  readonly memoryMb: number;
}

export const minutesOfDay = 1_440;
const log10 = Math.log10;

/** 54 % have one function, 95 % at most 10, 0.04 % more than 100. */
const functionsOfApp = [
  { share: 0.54, log10: 0 },
  { share: 0.95, log10: 1 },
  { share: 0.9996, log10: 2 },
  { share: 1, log10: log10(300) },
];
/** Invocations of an application in a day: 8 decades; 45 % at most one an hour, 81.4 % one a minute, and those above make 99.6 % of all. */
const invocationsOfApp = [
  { share: 0, log10: 0 },
  { share: 0.45, log10: log10(24) },
  { share: 0.814, log10: log10(minutesOfDay) },
  { share: 0.9995, log10: log10(600_000) },
  { share: 1, log10: 8 },
];
/** Of the functions. The rest is HTTP, which is the largest class. */
const shareOfTrigger = { event: 0.022, queue: 0.152, timer: 0.156, other: 0.1 } as const;
const burstyApps = 0.4;
/** Of a log-normal distribution in seconds. */
const duration = { logMean: -0.38, sigma: 2.36 };
/** Of all invocations, those of functions that take less than a second on average. */
const shortInvocations = 0.8;
const memory = { c: 11.652, k: 0.221, scale: 107.083 };

/** The functions of so many applications, in the order of applications. */
export function drawInTheWild(apps: number, seed: number): WildFunction[] {
  const draws = (what: string, n = apps): number[] => stratified(n, streamOf(seed, 'wild', what));
  const [sizes, rates, bursts, memories] = [draws('sizes'), draws('rates'), draws('bursts'), draws('memory')];
  const cvs = streamOf(seed, 'wild', 'cv');
  const functions: WildFunction[] = [];
  for (let app = 0; app < apps; app += 1) {
    const size = Math.ceil(knotQuantile(functionsOfApp, sizes[app]!) - 1e-9);
    const perDay = knotQuantile(invocationsOfApp, rates[app]!);
    const cv = bursts[app]! < burstyApps ? 2 + 8 * cvs() : 1;
    const memoryMb = burrQuantile(memory, memories[app]!);
    // Within an application calls are spread as unevenly as over a few ranks.
    const weights = Array.from({ length: size }, (_, rank) => Math.pow(rank + 1, -1.2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const weight of weights) {
      functions.push({ app, trigger: 'http', perDay: (perDay * weight) / total, cv, durationMs: 0, memoryMb });
    }
  }
  giveTriggers(functions, seed);
  giveDurations(functions, seed);
  return functions;
}

/** Timers are taken from what is regular and, all but 5 %, called at most once a minute. */
function giveTriggers(functions: WildFunction[], seed: number): void {
  const random = streamOf(seed, 'wild', 'triggers');
  const order = shuffle([...functions], random);
  const rank = ({ cv, perDay }: WildFunction): number => (cv > 1 ? 2 : 0) + (perDay > minutesOfDay ? 1 : 0);
  order.sort((left, right) => rank(left) - rank(right));
  const timers = order.splice(0, Math.round(shareOfTrigger.timer * functions.length));
  for (const timer of timers) Object.assign(timer, { trigger: 'timer', cv: 0 });
  shuffle(order, random);
  let at = 0;
  for (const trigger of ['event', 'queue', 'other'] as const) {
    const end = at + Math.round(shareOfTrigger[trigger] * functions.length);
    for (; at < end && at < order.length; at += 1) order[at]!.trigger = trigger;
  }
}

/** Durations have their distribution over functions; which function gets which is so chosen that most invocations are short. */
function giveDurations(functions: WildFunction[], seed: number): void {
  const drawn = stratified(functions.length, streamOf(seed, 'wild', 'durations')).map(
    (share) => 1_000 * Math.exp(duration.logMean + duration.sigma * normalQuantile(share)),
  );
  const short = drawn.filter((ms) => ms < 1_000);
  const long = drawn.filter((ms) => ms >= 1_000);
  let [shortCalls, calls] = [0, 0];
  for (const one of [...functions].sort((left, right) => right.perDay - left.perDay)) {
    const isShort = long.length === 0 || (short.length > 0 && shortCalls <= shortInvocations * calls);
    one.durationMs = (isShort ? short : long).pop()!;
    calls += one.perDay;
    if (isShort) shortCalls += one.perDay;
  }
}

/** The rate at which the most popular have to be held down, so that all together have at most this rate (same unit as the rates). */
export function levelForTotal(rates: readonly number[], total: number): number {
  const rising = [...rates].sort((left, right) => left - right);
  let below = 0;
  for (const [at, rate] of rising.entries()) {
    const level = (total - below) / (rising.length - at);
    if (level <= rate) return level;
    below += rate;
  }
  return Infinity;
}
