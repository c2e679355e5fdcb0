// Which action the next request is for. Pure: a function from draws to positions.
import type { Random } from '#clock';

/** How requests are spread over the actions of a scenario. */
export type Popularity =
  'uniform' | 'roundRobin' | { readonly zipf?: number | undefined; readonly weights?: readonly number[] | undefined };

/** A function that answers the action (from 0) of each request in turn. */
export function actionChooser(popularity: Popularity, count: number, random: Random): () => number {
  if (count === 1) return () => 0;
  if (popularity === 'roundRobin') {
    let next = -1;
    return () => (next = (next + 1) % count);
  }
  if (popularity === 'uniform') return () => Math.floor(random() * count);
  const { zipf = 1, weights = Array.from({ length: count }, (_, rank) => Math.pow(rank + 1, -zipf)) } = popularity;
  const sums = cumulative(weights);
  const total = sums[sums.length - 1]!;
  return () => firstAbove(sums, random() * total);
}

export function cumulative(weights: readonly number[]): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (const [at, weight] of weights.entries()) sums[at] = sum += weight;
  return sums;
}

/** The first position whose sum is above the value. */
function firstAbove(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
