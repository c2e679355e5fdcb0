// The policies by the names that the settings give them. Each is a plain function; docs/policies says when to use which.
import { hashHome, leastLoaded, pack, type Placement, randomOfTwo } from './placement';
import { fixedTime, hybridHistogram, type KeepAlive, whileRoom } from './keep-alive';
import { fixed, type Prewarm, reactive } from './prewarm';
import { greedyDual, lru, type ReclaimOrder } from './reclaim';

export const placements = {
  'least-loaded': leastLoaded,
  'random-of-two': randomOfTwo,
  pack,
  'hash-home': hashHome,
} as const satisfies Record<string, Placement>;

export const reclaimOrders = { lru, 'greedy-dual': greedyDual } as const satisfies Record<string, ReclaimOrder>;

export const prewarms = { fixed, reactive } as const satisfies Record<string, Prewarm>;

export const keepAlives = {
  fixed: fixedTime,
  'while-room': whileRoom,
  'hybrid-histogram': hybridHistogram,
} as const satisfies Record<string, KeepAlive>;

/** What is configured, or drawn. */
export interface PolicyNames {
  readonly placement: keyof typeof placements;
  readonly reclaim: keyof typeof reclaimOrders;
  readonly prewarm: keyof typeof prewarms;
  readonly keepAlive: keyof typeof keepAlives;
}

export interface Policies {
  readonly placement: Placement;
  readonly reclaimOrder: ReclaimOrder;
  readonly prewarm: Prewarm;
  readonly keepAlive: KeepAlive;
}

export const defaultPolicies: PolicyNames = {
  placement: 'least-loaded',
  reclaim: 'lru',
  prewarm: 'fixed',
  keepAlive: 'fixed',
};

export function choosePolicies(names: Partial<PolicyNames>): Policies {
  const { placement, reclaim, prewarm, keepAlive } = { ...defaultPolicies, ...names };
  return {
    placement: placements[placement],
    reclaimOrder: reclaimOrders[reclaim],
    prewarm: prewarms[prewarm],
    keepAlive: keepAlives[keepAlive],
  };
}
