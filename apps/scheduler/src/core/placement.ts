// Placement policies: where a new container goes. Plain functions over the nodes that may take one, ascending by free memory; a
// policy only chooses, the pool has already left out what is suspected, cordoned, broken or without a free creation slot.

export interface Placeable {
  readonly id: string;
  /** Not taken and not promised. */
  readonly freeMb: number;
}

export type Placement = (ascending: readonly Placeable[], memoryMb: number) => Placeable | undefined;

/** The node with the most free memory: spreads load, and what one node's loss costs. */
export const leastLoaded: Placement = (ascending, memoryMb) => {
  const most = ascending[ascending.length - 1];
  return most !== undefined && most.freeMb >= memoryMb ? most : undefined;
};
