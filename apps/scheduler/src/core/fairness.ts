// Hot actions must not starve rare ones: a demand that has waited for longer than `fairnessMs` makes one busy container retire.
//
// Chosen on the node that could make the most room: the container whose action key owns most relative to its waiting and running
// calls, oldest grant first. Three rules keep two keys from taking from each other for ever: a grant has `fairnessMs` of use before
// it may be retired; a key that owns nothing may take from any; one that owns some takes only from a key that stays better off.
import type { Container } from './container';
import type { Containers } from './containers';
import type { Demand } from './demand';
import type { Demands } from './demands';
import type { Node } from './node';

interface Share {
  readonly owned: number;
  /** Waiting and running calls. */
  readonly load: number;
}

export function shareOf(actionKey: string, containers: Containers, demands: Demands): Share {
  const owned = containers.ofKey(actionKey).size;
  let load = 0;
  for (const { waiting, inFlight } of demands.ofKey(actionKey)) load += waiting + inFlight;
  if (load > 0) return { owned, load };
  for (const { state } of containers.ofKey(actionKey)) if (state === 'busy' || state === 'unclaimed') load += 1;
  return { owned, load: Math.max(1, load) };
}

/** Whether one container may go from `from` to `to`. */
export function mayTake(to: Share, from: Share): boolean {
  if (to.owned === 0) return from.owned > 0;
  return (from.owned - 1) / from.load >= (to.owned + 1) / to.load;
}

/** The container to retire for this demand, if any may be. */
export function chooseRetired(
  nodes: readonly Node[],
  demand: Demand,
  containers: Containers,
  demands: Demands,
  grantedBeforeMs: number,
): Container | undefined {
  const own = shareOf(demand.actionKey, containers, demands);
  for (const node of nodes) {
    const shares = new Map<string, Share>();
    let best: { container: Container; relative: number } | undefined;
    for (const container of node.containers) {
      const key = container.note?.actionKey;
      if (container.state !== 'busy' || key === undefined || key === demand.actionKey) continue;
      if (container.grantedMs > grantedBeforeMs || !container.owner?.session) continue;
      if (node.freeMb + container.memoryMb < demand.memoryMb) continue;
      const share = shares.get(key) ?? shareOf(key, containers, demands);
      shares.set(key, share);
      if (!mayTake(own, share)) continue;
      const relative = share.owned / share.load;
      const isBetter =
        !best ||
        relative > best.relative ||
        (relative === best.relative && container.grantedMs < best.container.grantedMs);
      if (isBetter) best = { container, relative };
    }
    if (best) return best.container;
  }
  return undefined;
}
