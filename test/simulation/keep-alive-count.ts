// What keep-alive policies would cost, counted on the arrivals of a workload alone: every request finds the container of the one before or it does not, and memory
// is never short. It simulates no cluster; it is for parts of published policies that Hearth does not have, and to tell their share from the rest. Pure.
//
// `hybrid as published` is that of 'Serverless in the Wild' (USENIX ATC 2020) for each action: unload at once, load again before the 5th percentile of its idle times,
// keep until the 99th, 10 % of margin at both ends, bins of a minute up to four hours; where fewer than five times are known, or more are longer, as fixed 10 min.
// Its forecast for actions whose times are mostly longer is left out.
import { type Plan, type PolicyFigures, workMs } from '#workload';

/** Minutes after a container becomes free: when it is loaded again (0: it stays), and for how long from there. */
interface Window {
  readonly loadAfter: number;
  readonly keep: number;
}

interface Keeper {
  window(): Window;
  saw(idleMinutes: number): void;
}

const msOfMinute = 60_000;
const bins = 240;
const leastSeen = 5;
const [head, tail, margin] = [0.05, 0.99, 0.1];

export const fixedKeeper = (keep: number): Keeper => ({ window: () => ({ loadAfter: 0, keep }), saw: () => undefined });

export function hybridKeeper(unloads: boolean, fallbackMinutes = 10): Keeper {
  const counts = new Uint32Array(bins);
  let [within, beyond] = [0, 0];
  /** The bin in which this share of the times ends. */
  const quantile = (share: number): number => {
    let seen = 0;
    return counts.findIndex((count) => (seen += count) >= share * within);
  };
  return {
    saw: (idleMinutes) => {
      const bin = Math.floor(idleMinutes);
      if (bin >= bins) beyond += 1;
      else {
        within += 1;
        counts[bin]! += 1;
      }
    },
    window: () => {
      if (within + beyond < leastSeen || beyond > within) return { loadAfter: 0, keep: fallbackMinutes };
      const loadAfter = unloads ? quantile(head) * (1 - margin) : 0;
      return { loadAfter, keep: Math.min(bins, (quantile(tail) + 1) * (1 + margin)) - loadAfter };
    },
  };
}

/** Of open scenarios; closed ones have no arrivals of their own and are left out. */
export function countKeepAlive(plan: Plan, name: string, family: string, keeperOf: () => Keeper): PolicyFigures {
  const shares: number[] = [];
  let [cold, all, wasted, worked] = [0, 0, 0, 0];
  for (const { actions, open, scenario } of plan.scenarios) {
    if (!open) continue;
    const states = actions.map(({ memoryMb }) => ({
      keeper: keeperOf(),
      gb: memoryMb / 1_024,
      freeAt: -1,
      all: 0,
      cold: 0,
    }));
    let endAt = (scenario.durationMs ?? 0) / msOfMinute;
    for (const { action, atMs, work } of open()) {
      const state = states[action]!;
      const at = atMs / msOfMinute;
      const took = workMs(work) / msOfMinute;
      endAt = Math.max(endAt, at + took);
      const idle = at - state.freeAt;
      state.all += 1;
      worked += took * state.gb;
      if (state.freeAt < 0) state.cold += 1;
      else if (idle > 0) {
        const { loadAfter, keep } = state.keeper.window();
        if (idle < loadAfter || idle > loadAfter + keep) state.cold += 1;
        wasted += state.gb * Math.max(0, Math.min(idle, loadAfter + keep) - loadAfter);
        state.keeper.saw(idle);
      }
      state.freeAt = Math.max(state.freeAt, at + took);
    }
    for (const state of states) {
      if (state.all === 0) continue;
      const { loadAfter, keep } = state.keeper.window();
      wasted += state.gb * Math.max(0, Math.min(endAt - state.freeAt, loadAfter + keep) - loadAfter);
      all += state.all;
      cold += state.cold;
      if (state.all > 1) shares.push(state.cold / state.all);
    }
  }
  shares.sort((left, right) => left - right);
  return {
    name,
    family,
    coldShare: cold / Math.max(1, all),
    coldThirdQuartile: shares[Math.floor(0.75 * shares.length)] ?? 0,
    wastedGbS: wasted * 60,
    wastedShare: wasted / Math.max(1e-9, wasted + worked),
  };
}

/** Each of `keepMinutes` as a fixed time, and the hybrid with and without what Hearth leaves out. */
export function countedPolicies(plan: Plan, keepMinutes: readonly number[]): PolicyFigures[] {
  return [
    ...keepMinutes.map((keep) => countKeepAlive(plan, `fixed ${keep} min`, 'fixed', () => fixedKeeper(keep))),
    countKeepAlive(plan, 'hybrid without loading', 'hybrid without loading', () => hybridKeeper(false)),
    countKeepAlive(plan, 'hybrid as published', 'hybrid as published', () => hybridKeeper(true)),
  ];
}
