// Draws by quantile: of n draws each falls into its own nth of the distribution, so that small draws have the quantiles of large ones. Pure.
import type { Random } from '#clock';
import { shuffle } from './random-streams';

/** n numbers in [0, 1), one from each nth, in random order. */
export function stratified(n: number, random: Random): number[] {
  return shuffle(
    Array.from({ length: n }, (_, at) => (at + random()) / n),
    random,
  );
}

/** A point of a distribution: this share (0 to 1) lies at or below 10 to the power of `log10`. */
export interface Knot {
  readonly share: number;
  readonly log10: number;
}

/** The value at this share: between two knots the logarithm is interpolated. */
export function knotQuantile(knots: readonly Knot[], share: number): number {
  let at = 1;
  while (at < knots.length - 1 && knots[at]!.share < share) at += 1;
  const low = knots[at - 1]!;
  const high = knots[at]!;
  const part = Math.min(1, Math.max(0, (share - low.share) / (high.share - low.share)));
  return Math.pow(10, low.log10 + part * (high.log10 - low.log10));
}

/** The standard normal value below which this share lies (Acklam's approximation, relative error below 1.2e-9). */
export function normalQuantile(share: number): number {
  const low = 0.02425;
  if (share < low) return tail(Math.sqrt(-2 * Math.log(Math.max(share, Number.MIN_VALUE))));
  if (share > 1 - low) return -tail(Math.sqrt(-2 * Math.log(Math.max(1 - share, Number.MIN_VALUE))));
  const q = share - 0.5;
  const r = q * q;
  return (q * horner(centre, r)) / (horner(centreBelow, r) * r + 1);
}

const tail = (q: number): number => horner(outer, q) / (horner(outerBelow, q) * q + 1);
const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

const centre = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const centreBelow = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const outer = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const outerBelow = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
