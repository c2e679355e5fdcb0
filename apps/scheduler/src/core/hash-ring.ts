// Nodes on a ring, each at several points that follow from its id alone (consistent hashing). The n-th home of a name is the node at
// or after the n-th hash of that name.
//
// Guarantees: a node that comes or goes changes only the homes that it takes or leaves, about one in the number of nodes; a home is
// found in O(log nodes). A name's later homes are spread over all nodes, so a full node does not fill its neighbour on the ring.

/** More make shares more even: with 16 points most nodes are home to between half and twice the average. */
const pointsPerNode = 16;

/** FNV-1a, then murmur's last mixing: similar names end up far from each other. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

interface Point<T> {
  readonly at: number;
  readonly item: T;
}

export class HashRing<T extends { readonly id: string }> {
  private points: Point<T>[];

  constructor(items: Iterable<T>) {
    this.points = [...items].flatMap(pointsOf).sort(ascending);
  }

  add(item: T): void {
    for (const point of pointsOf(item)) this.points.splice(this.position(point), 0, point);
  }

  delete(item: T): void {
    this.points = this.points.filter((point) => point.item !== item);
  }

  /** May name one twice. */
  *homes(name: string, count: number): Generator<T> {
    if (this.points.length === 0) return;
    for (let turn = 0; turn < count; turn += 1) {
      const at = this.position({ at: hashOf(`${name} ${turn}`) });
      yield this.points[at === this.points.length ? 0 : at]!.item;
    }
  }

  /** Of the first point that is not before this one. */
  private position(sought: { readonly at: number; readonly item?: T }): number {
    let low = 0;
    let high = this.points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ascending(this.points[middle]!, sought) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function pointsOf<T extends { readonly id: string }>(item: T): Point<T>[] {
  return Array.from({ length: pointsPerNode }, (_, at) => ({ at: hashOf(`${item.id} ${at}`), item }));
}

/** Two nodes at one point stand in the order of their ids, whichever came first. */
function ascending<T extends { readonly id: string }>(
  left: Point<T>,
  right: { readonly at: number; readonly item?: T },
): number {
  if (left.at !== right.at) return left.at - right.at;
  return right.item !== undefined && left.item.id < right.item.id ? -1 : 1;
}
