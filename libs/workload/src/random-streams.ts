// Independent streams of random numbers from one seed: each purpose has its own, so that a change of one scenario leaves the draws of the others
// as they were. Pure.
import { type Random, seededRandom } from '#clock';

/** FNV-1a over UTF-16 units, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** The stream of this purpose; the same seed and names give the same numbers. */
export function streamOf(seed: number, ...names: readonly (string | number)[]): Random {
  return seededRandom(hash(`${seed}/${names.join('/')}`));
}

/** A draw of the standard normal distribution (Box and Muller; the second of the pair is dropped, so that draws do not depend on each other's order). */
export function normal(random: Random): number {
  // 1 - u is never 0.
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A draw of the exponential distribution with this mean. */
export const exponential = (random: Random, mean: number): number => -mean * Math.log(1 - random());

/** Shuffles in place (Fisher and Yates) and answers the same array. */
export function shuffle<T>(items: T[], random: Random): T[] {
  for (let at = items.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [items[at], items[other]] = [items[other]!, items[at]!];
  }
  return items;
}
