// Distributions of a number in a workload file: how they are written, and how one is drawn from. Pure.
//
//   25 · { constant: 25 } · { uniform: { min: 5, max: 20 } } · { exponential: { mean: 10 } }
//   { logNormal: { median: 680, sigma: 2.36 }, min: 1, max: 60000 } · { burr: { c: 11.652, k: 0.221, scale: 107.083 } }
//
// `min` and `max` clip what is drawn.
import { z } from 'zod';
import type { Random } from '#clock';
import { exponential, normal } from './random-streams';

const positive = z.number().positive();
const notNegative = z.number().min(0);

export const distributionSchema = z.union([
  notNegative,
  z.strictObject({
    constant: notNegative.optional(),
    uniform: z.strictObject({ min: notNegative, max: notNegative }).optional(),
    exponential: z.strictObject({ mean: positive }).optional(),
    logNormal: z.strictObject({ median: positive, sigma: notNegative }).optional(),
    burr: z.strictObject({ c: positive, k: positive, scale: positive }).optional(),
    min: notNegative.optional().describe('smaller draws become this'),
    max: notNegative.optional().describe('larger draws become this'),
  }),
]);
export type Distribution = z.infer<typeof distributionSchema>;

const shapes = ['constant', 'uniform', 'exponential', 'logNormal', 'burr'] as const;

/** What is wrong with it although each field is allowed, or undefined. */
export function distributionContradiction(distribution: Distribution): string | undefined {
  if (typeof distribution === 'number') return undefined;
  const named = shapes.filter((shape) => distribution[shape] !== undefined);
  if (named.length !== 1) return `names ${named.join(' and ') || 'no distribution'}; give one of ${shapes.join(', ')}`;
  const { uniform, min = 0, max = Infinity } = distribution;
  if (uniform && uniform.min > uniform.max) return `uniform.min is above uniform.max`;
  return min > max ? 'min is above max' : undefined;
}

/** The value of a distribution that has only one. */
export function constantOf(distribution: Distribution): number | undefined {
  if (typeof distribution === 'number') return distribution;
  return distribution.constant === undefined ? undefined : clip(distribution.constant, distribution);
}

/** A function that draws from it. */
export function sampler(distribution: Distribution, random: Random): () => number {
  const constant = constantOf(distribution);
  if (constant !== undefined) return () => constant;
  const described = distribution as Exclude<Distribution, number>;
  const draw = unclipped(described, random);
  return () => clip(draw(), described);
}

function unclipped(
  { uniform, exponential: exponentially, logNormal, burr }: Exclude<Distribution, number>,
  random: Random,
): () => number {
  if (uniform) return () => uniform.min + (uniform.max - uniform.min) * random();
  if (exponentially) return () => exponential(random, exponentially.mean);
  if (logNormal) return () => logNormal.median * Math.exp(logNormal.sigma * normal(random));
  if (burr) return () => burrQuantile(burr, random());
  throw new Error('workload: a distribution without a shape was not refused');
}

/** The value below which this share (0 to 1, 1 excluded) of a Burr XII distribution lies. */
export const burrQuantile = ({ c, k, scale }: { c: number; k: number; scale: number }, share: number): number =>
  scale * Math.pow(Math.pow(1 - share, -1 / k) - 1, 1 / c);

const clip = (value: number, { min = 0, max = Infinity }: { min?: number | undefined; max?: number | undefined }) =>
  Math.min(max, Math.max(min, value));
