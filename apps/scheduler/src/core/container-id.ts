// Container ids are chosen by the scheduler: the node's name and 16 random digits, e.g. `node0-3f2a…`. The name in it lets a new
// leader tell, for an id that it has never heard of, which node's inventory must have it.

const prefixLength = 40;

/** Joined, not added up: ids are looked up again and again, and what was added up stays a tree of its parts beside its text. */
export function containerIdOn(prefix: string, ...randomHex: readonly string[]): string {
  return [prefix, '-', ...randomHex].join('');
}

/** What ids on that node begin with. Two nodes may share it; then both must have answered. */
export function nodePrefix(nodeId: string): string {
  return nodeId.replace(/[^a-zA-Z0-9_]/g, '_').slice(0, prefixLength);
}

export function prefixOf(containerId: string): string {
  return containerId.slice(0, containerId.lastIndexOf('-'));
}
