// Hot actions must not starve rare ones, nor one controller another: a demand that has waited for longer than `fairnessMs` makes one
// busy container retire.
//
// First between keys, whoever owns their containers. Chosen on the node that could make the most room: the container whose action key
// owns most relative to its waiting and running calls, oldest grant first. If no other key has to give, then within the key, from the
// controller that owns most relative to its own calls. Three rules keep two from taking from each other for ever: a grant has
// `fairnessMs` of use before it may be retired; who owns nothing may take from any; who owns some takes only from one that stays
// better off. The two steps are kept apart, so that a controller that owns nothing of a hot key takes nothing from a rare one.
import type { Container } from './container';
import type { Containers } from './containers';
import type { Demand } from './demand';
import type { Demands } from './demands';
import type { Node } from './node';
import type { Owner } from './session';

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

/** What this controller has of the key, and what it needs it for. */
function shareOfOwner(actionKey: string, owner: Owner, containers: Containers): Share {
  const demand = owner.session?.demands.get(actionKey);
  let owned = 0;
  let inUse = 0;
  for (const container of containers.ofKey(actionKey)) {
    if (container.owner !== owner) continue;
    owned += 1;
    if (container.state === 'busy' || container.state === 'unclaimed') inUse += 1;
  }
  const load = demand ? demand.waiting + demand.inFlight : 0;
  return { owned, load: Math.max(1, load || inUse) };
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
  return (
    chooseOfOtherKey(nodes, demand, containers, demands, grantedBeforeMs) ??
    chooseOfOtherOwner(demand, containers, grantedBeforeMs)
  );
}

interface Candidate {
  readonly container: Container;
  readonly relative: number;
}

function better(best: Candidate | undefined, container: Container, { owned, load }: Share): Candidate {
  const relative = owned / load;
  const isBetter =
    !best || relative > best.relative || (relative === best.relative && container.grantedMs < best.container.grantedMs);
  return isBetter ? { container, relative } : best;
}

/** Wherever it is: it goes to the demand as it is, or leaves room for one of the same size. */
function chooseOfOtherOwner(demand: Demand, containers: Containers, grantedBeforeMs: number): Container | undefined {
  const { actionKey, session } = demand;
  const own = shareOfOwner(actionKey, session.owner, containers);
  const shares = new Map<Owner, Share>();
  let best: Candidate | undefined;
  for (const container of containers.ofKey(actionKey)) {
    const { owner, node, state } = container;
    if (state !== 'busy' || !owner?.session || owner === session.owner || !node.isUsable) continue;
    if (container.grantedMs > grantedBeforeMs || container.memoryMb < demand.memoryMb) continue;
    const share = shares.get(owner) ?? shareOfOwner(actionKey, owner, containers);
    shares.set(owner, share);
    if (mayTake(own, share)) best = better(best, container, share);
  }
  return best?.container;
}

function chooseOfOtherKey(
  nodes: readonly Node[],
  demand: Demand,
  containers: Containers,
  demands: Demands,
  grantedBeforeMs: number,
): Container | undefined {
  const own = shareOf(demand.actionKey, containers, demands);
  for (const node of nodes) {
    const shares = new Map<string, Share>();
    let best: Candidate | undefined;
    for (const container of node.containers) {
      const key = container.note?.actionKey;
      if (container.state !== 'busy' || key === undefined || key === demand.actionKey) continue;
      if (container.grantedMs > grantedBeforeMs || !container.owner?.session) continue;
      if (node.freeMb + container.memoryMb < demand.memoryMb) continue;
      const share = shares.get(key) ?? shareOf(key, containers, demands);
      shares.set(key, share);
      if (mayTake(own, share)) best = better(best, container, share);
    }
    if (best) return best.container;
  }
  return undefined;
}
