// What a seed does to the cluster: faults and clients' requests, each with its moment, drawn before anything runs. Each fault has chance of its
// own, so that leaving some out leaves the others as they were; that is how a found seed is made shorter.
import { Chance } from './chance';
import { type FaultKind, faultKinds } from './faults';

export interface PlannedFault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Of its victims and durations. */
  readonly seed: number;
}

export interface PlannedRequest {
  readonly atMs: number;
  /** Each by its place in the world. */
  readonly controller: number;
  readonly action: number;
  readonly takesMs: number;
  readonly isBlocking: boolean;
  /** How long its client waits for a blocking answer; undefined: longer than anything takes. */
  readonly waitsMs: number | undefined;
}

export interface Plan {
  readonly seed: number;
  /** Another course of everything that is not planned. */
  readonly salt: number;
  readonly faultsMs: number;
  /** Each life of a process has a clock of its own. */
  readonly isSkewed: boolean;
  readonly faults: readonly PlannedFault[];
  readonly requests: readonly PlannedRequest[];
}

/** Places of what is drawn, in a world of that size. */
export interface PlanSize {
  readonly controllers: number;
  readonly actions: readonly { readonly durationMs: number }[];
}

export function planOf(seed: number, { controllers, actions }: PlanSize, faultsMs: number): Plan {
  const chance = new Chance(seed * 2_654_435_761 + 97);
  const isSkewed = chance.of(0.5);
  const menu = faultKinds.filter(() => chance.of(0.6));
  const paceMs = chance.between(300, 3_000);
  const faults: PlannedFault[] = [];
  for (let atMs = 0; menu.length > 0;) {
    atMs += chance.between(0.2, 2) * paceMs;
    if (atMs >= faultsMs) break;
    faults.push({ atMs, kind: chance.pick(menu), seed: chance.below(2 ** 31) });
  }
  const requests: PlannedRequest[] = [];
  const requestPaceMs = chance.skewed(25, 400);
  for (let atMs = 0; ;) {
    atMs += chance.between(0, 2) * requestPaceMs;
    // They go on for a moment after the last fault.
    if (atMs >= faultsMs + 500) break;
    const [controller, action] = [chance.below(controllers), chance.below(actions.length)];
    const count = chance.of(0.05) ? 1 + chance.below(10) : 1;
    const takesMs = chance.skewed(1, actions[action]!.durationMs * 2);
    for (let at = 0; at < count; at += 1) {
      const isBlocking = chance.of(0.75);
      const waitsMs = chance.of(0.3) ? chance.skewed(5, 8_000) : undefined;
      requests.push({ atMs, controller, action, takesMs, isBlocking, waitsMs });
    }
  }
  return { seed, salt: 0, faultsMs, isSkewed, faults, requests };
}
