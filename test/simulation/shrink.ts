// Makes a plan shorter that breaks a promise: leaves out faults and requests as long as the same promise is still broken. What is left is
// short enough to read.
//
// The rest of the run is drawn anew for each shorter plan, so a promise may hold by luck alone; a few courses are tried of each.
import type { Plan } from './plan';
import { BrokenPromise, simulatePlan } from './simulation';

export interface ShrinkSettings {
  /** Runs at most. */
  readonly runs?: number;
  /** Courses tried of each shorter plan. */
  readonly salts?: number;
}

/** Names and numbers apart, it is the same thing that went wrong. */
const formOf = (sentence: string): string =>
  sentence
    .replaceAll(/\b(a\d+|[0-9a-f]{16}|node\d+|controller\d+(\/\d+)?|scheduler\d+:\d+|[\d.]+)\b/g, '#')
    .slice(0, 60);

/** The shortest that was found, and how it breaks. */
export function shrink(found: BrokenPromise, { runs = 300, salts = 3 }: ShrinkSettings = {}): BrokenPromise {
  const form = formOf(found.sentence);
  let left = runs;
  let best = found;

  const tries = (plan: Plan): boolean => {
    for (let at = 0; at < salts && left > 0; at += 1) {
      left -= 1;
      const salted = { ...plan, salt: plan.salt + at };
      try {
        simulatePlan(salted);
      } catch (error) {
        if (!(error instanceof BrokenPromise)) throw error;
        if (formOf(error.sentence) !== form) continue;
        best = error;
        return true;
      }
    }
    return false;
  };

  tries(upTo(best));
  for (let before = -1; before !== weightOf(best.plan) && left > 0;) {
    before = weightOf(best.plan);
    for (const part of ['faults', 'requests'] as const) {
      for (let size = Math.ceil(best.plan[part].length / 2); size > 0 && left > 0; size = size === 1 ? 0 : size >> 1) {
        for (let at = 0; at < best.plan[part].length && left > 0;) {
          const kept = best.plan[part].filter((_, index) => index < at || index >= at + size);
          if (!tries({ ...best.plan, [part]: kept })) at += size;
        }
      }
    }
  }
  return best;
}

const weightOf = ({ faults, requests }: Plan): number => faults.length + requests.length;

/** Nothing that comes after the end matters, as long as faults are over then. */
function upTo({ plan, atMs }: BrokenPromise): Plan {
  if (atMs >= plan.faultsMs) return plan;
  const isBefore = (planned: { readonly atMs: number }): boolean => planned.atMs <= atMs;
  return { ...plan, faults: plan.faults.filter(isBefore), requests: plan.requests.filter(isBefore) };
}

/** The words after `hearth check` that run it again: which of the seed's faults and requests are left, by number. */
export function replayWords({ seed, salt, faults, requests }: Plan, whole: Plan): string {
  const numbers = <T>(kept: readonly T[], all: readonly T[]): string => {
    const texts = all.map((planned) => JSON.stringify(planned));
    return kept.map((planned) => texts.indexOf(JSON.stringify(planned))).join(',') || 'none';
  };
  const words = [`--seed ${seed}`];
  if (salt > 0) words.push(`--salt ${salt}`);
  if (faults.length < whole.faults.length) words.push(`--faults ${numbers(faults, whole.faults)}`);
  if (requests.length < whole.requests.length) words.push(`--requests ${numbers(requests, whole.requests)}`);
  return words.join(' ');
}
