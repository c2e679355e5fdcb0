// Placement policies: where a new container goes. Plain functions over the nodes that may take one; a policy only chooses, the pool has
// already left out what is suspected, cordoned, broken or without a free creation slot.
//
// Guarantees of each: it answers a node exactly if one has room; it changes nothing; it costs O(log nodes) for each list, and there is
// one list for each set of kinds that nodes offer. docs/policies says when to use which.
import type { Random } from '#clock';

export interface Placeable {
  readonly id: string;
  /** Not taken and not promised. */
  readonly freeMb: number;
  /** May get something new, and has a creation slot. */
  readonly isOpen: boolean;
}

export interface Candidates<N> {
  /** Open nodes, each list ascending by free memory. */
  readonly lists: readonly (readonly N[])[];
  /** All that offer the kind, open or not, at places that depend on their names alone. Made when it is first asked for. */
  ring(): { homes(name: string, count: number): Iterable<N> };
}

export interface Wanted {
  readonly actionKey: string;
  readonly memoryMb: number;
}

export type Placement = <N extends Placeable>(
  candidates: Candidates<N>,
  wanted: Wanted,
  random: Random,
) => N | undefined;

/** Where those with at least so much free memory begin. */
function firstWithRoom(ascending: readonly Placeable[], memoryMb: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]!.freeMb < memoryMb) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The node with the most free memory: spreads load, and what one node's loss costs. */
export const leastLoaded: Placement = ({ lists }, { memoryMb }) => {
  let best: (typeof lists)[number][number] | undefined;
  for (const list of lists) {
    const most = list[list.length - 1];
    if (most && most.freeMb >= memoryMb && (!best || most.freeMb > best.freeMb)) best = most;
  }
  return best;
};

/** The freer one of two that were drawn: nearly as even as the freest, without sending everything new to one empty node. */
export const randomOfTwo: Placement = ({ lists }, { memoryMb }, random) => {
  const spans = lists.map((list) => ({ list, begin: firstWithRoom(list, memoryMb) }));
  const count = spans.reduce((sum, { list, begin }) => sum + list.length - begin, 0);
  const draw = (at: number): (typeof lists)[number][number] | undefined => {
    let left = at;
    for (const { list, begin } of spans) {
      if (left < list.length - begin) return list[begin + left];
      left -= list.length - begin;
    }
    return undefined;
  };
  const first = Math.floor(random() * count);
  if (count < 2) return draw(first);
  const second = (first + 1 + Math.floor(random() * (count - 1))) % count;
  const [one, other] = [draw(first)!, draw(second)!];
  return other.freeMb > one.freeMb ? other : one;
};

/** The fullest node that has room: keeps nodes empty, so that large containers fit and nodes can be given back. */
export const pack: Placement = ({ lists }, { memoryMb }) => {
  let best: (typeof lists)[number][number] | undefined;
  for (const list of lists) {
    const least = list[firstWithRoom(list, memoryMb)];
    if (least && (!best || least.freeMb < best.freeMb)) best = least;
  }
  return best;
};

/** How many homes an action key has; where none has room it goes to the freest node. */
const homesCount = 8;

/** The first home of the action key that has room: containers of one action gather on few nodes, whichever others come and go. */
export const hashHome: Placement = (candidates, wanted, random) => {
  for (const home of candidates.ring().homes(wanted.actionKey, homesCount)) {
    if (home.isOpen && home.freeMb >= wanted.memoryMb) return home;
  }
  return leastLoaded(candidates, wanted, random);
};
