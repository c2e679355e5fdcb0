// Prewarm policies: how many stem cells of a kind and memory to keep on each node. Plain functions of what is configured and of what
// demands took; operators' numbers come before any policy (see StemCellStock).
import type { StemCells } from './stem-cells';

/** `takenPerNode`: containers that demands took, on average of the nodes, in the last window; undefined before the first has passed. */
export type Prewarm = (cells: StemCells, takenPerNode: number | undefined) => number;

/** As many as configured. */
export const fixed: Prewarm = ({ count }) => count;

/**
 * As OpenWhisk's reactive prewarm: each `threshold` containers taken in the last window are worth `increment` stem cells, within bounds.
 * Where the manifest gives no bounds: one for each that was taken, at most twice what is configured, none when none was taken.
 */
export const reactive: Prewarm = ({ count, reactive: bounds }, takenPerNode) => {
  if (takenPerNode === undefined) return count;
  const { minCount, maxCount, threshold, increment } = bounds ?? {
    minCount: 0,
    maxCount: 2 * count,
    threshold: 1,
    increment: 1,
  };
  const worth = Math.ceil(takenPerNode / threshold) * increment;
  return Math.max(minCount, Math.min(maxCount, worth));
};
