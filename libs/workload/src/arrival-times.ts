// Times of open arrivals: endless iterators of milliseconds from the start of a scenario, never going back. Pure.
import type { Random } from '#clock';
import { exponential } from './random-streams';
import type { Arrivals } from './workload-file';

/** An evenly spaced stream; `offsetMs` is the first time. */
export function* constantTimes(perSecond: number, offsetMs = 0): Generator<number> {
  // By multiplication: a sum of intervals would drift.
  for (let n = 0; ; n += 1) yield offsetMs + (n * 1_000) / perSecond;
}

export function* poissonTimes(perSecond: number, random: Random): Generator<number> {
  for (let at = exponential(random, 1_000 / perSecond); ; at += exponential(random, 1_000 / perSecond)) yield at;
}

export function* burstTimes({ size, everyMs, withinMs }: NonNullable<Arrivals['bursts']>): Generator<number> {
  for (let burst = 0; ; burst += 1) {
    for (let n = 0; n < size; n += 1) yield burst * everyMs + (withinMs * n) / size;
  }
}

/**
 * Requests that come only in on-phases (an interrupted Poisson process), with this mean rate and coefficient of variation of the times between.
 * For such a process cv² = 1 + 2 λ ω / (ω + φ)², where λ is the rate while on, ω and φ the rates at which on and off end; the lengths of the
 * phases follow from that.
 */
export function* onOffTimes(
  { perSecond, cv, onShare }: NonNullable<Arrivals['onOff']>,
  random: Random,
): Generator<number> {
  const changesPerSecond = (2 * perSecond * (1 - onShare)) / (onShare * (cv * cv - 1));
  const onMs = 1_000 / ((1 - onShare) * changesPerSecond);
  const offMs = 1_000 / (onShare * changesPerSecond);
  const betweenMs = (1_000 * onShare) / perSecond;
  let at = 0;
  let isOn = random() < onShare;
  for (;;) {
    const end = at + exponential(random, isOn ? onMs : offMs);
    if (isOn) for (at += exponential(random, betweenMs); at < end; at += exponential(random, betweenMs)) yield at;
    at = end;
    isOn = !isOn;
  }
}

/** The part of the peak rate at this time of a day that begins in its trough. */
export const diurnalShare = (atMs: number, periodMs: number, base: number): number =>
  base + (1 - base) * (0.5 - 0.5 * Math.cos((2 * Math.PI * atMs) / periodMs));

/** A Poisson process whose rate follows the day (by thinning the one of the peak). */
export function* diurnalTimes(
  { perSecond, base, periodMs }: NonNullable<Arrivals['diurnal']>,
  random: Random,
): Generator<number> {
  for (const at of poissonTimes(perSecond, random)) if (random() < diurnalShare(at, periodMs, base)) yield at;
}

/** A timer: its period, an offset, and a jitter of 1 % of the period. */
export function* timerTimes(perSecond: number, random: Random): Generator<number> {
  const periodMs = 1_000 / perSecond;
  const offsetMs = random() * periodMs;
  for (let n = 0; ; n += 1) yield offsetMs + n * periodMs + random() * 0.01 * periodMs;
}

/** The times of one row of a trace: counts for each minute, spread within it. Ends with the row. */
export function* countedTimes(
  counts: readonly number[],
  minuteMs: number,
  within: NonNullable<Arrivals['counts']>['within'],
  random: Random,
): Generator<number> {
  for (const [minute, count] of counts.entries()) {
    for (const share of shares(count, within, random)) yield (minute + share) * minuteMs;
  }
}

/** So many places in [0, 1), in order. */
function shares(count: number, within: NonNullable<Arrivals['counts']>['within'], random: Random): number[] {
  if (within === 'equidistant') return Array.from({ length: count }, (_, n) => n / count);
  if (within === 'uniform') return Array.from({ length: count }, () => random()).sort((left, right) => left - right);
  // Exponential gaps, scaled so that all of them fit: the count is given, only the places are drawn.
  const gaps = Array.from({ length: count + 1 }, () => exponential(random, 1));
  const sum = gaps.reduce((total, gap) => total + gap, 0);
  let at = 0;
  return gaps.slice(0, count).map((gap) => Math.min((at += gap) / sum, 1 - Number.EPSILON));
}

/** What comes before the end. */
export function* until(times: Iterable<number>, endMs = Infinity): Generator<number> {
  for (const at of times) {
    if (at >= endMs) return;
    yield at;
  }
}
