// The one source of randomness of a simulation, in the words in which it is asked.
import { type Random, seededRandom } from '#clock';

export class Chance {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  of(probability: number): boolean {
    return this.random() < probability;
  }

  /** Whole milliseconds would hide orders; fractions show them. */
  between(least: number, most: number): number {
    return least + (most - least) * this.random();
  }

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Mostly near `least`, seldom near `most`. */
  skewed(least: number, most: number, power = 4): number {
    return least + (most - least) * this.random() ** power;
  }
}
