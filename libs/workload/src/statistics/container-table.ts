// Which containers were seen, by what they say of themselves: how many, how often each ran, how many at once. Pure.
import { z } from 'zod';
import type { ContainerIdentity } from './finished-request';

/** Beyond so many identities new ones are only counted: a workload has at most so many containers that the report can tell apart. */
export const containersMost = 200_000;

export const containersResultSchema = z.object({
  seen: z.int().describe('different containers'),
  runs: z.int().describe('runs whose container is known'),
  reused: z.int().describe('of these, runs in a container that had run before'),
  mostAtOnce: z.int().describe('containers between their first and their last run, at most'),
  runsPerContainerMost: z.int(),
});
export type ContainersResult = z.infer<typeof containersResultSchema>;

type LifeNumbers = readonly [firstMs: number, lastMs: number, runs: number, isGuess: number];

/** Numbers of each container, beside each other, since they are looked up for every request: its first and last run, runs, and `guess`. */
const lastMs = 1;
const runs = 2;
/** 1: its first run here was taken for its first of all, since nobody said. */
const guess = 3;
const width = 4;

/** Numbers below this are found by their place in an array; 16 MB at most. */
const numberedMost = 4_000_000;
const none = -1;

const isPlace = (container: ContainerIdentity): container is number =>
  typeof container === 'number' && container < numberedMost;

export class ContainerTable {
  /** Where the numbers of each begin: of containers with a name or too high a number, and of those that are numbered. */
  private readonly named = new Map<ContainerIdentity, number>();
  private numbered = new Int32Array(0);
  private count = 0;
  private lives = new Float64Array(16 * width);
  private beyond = 0;
  private runs = 0;
  private reused = 0;

  ran(container: ContainerIdentity, startMs: number, endMs: number, runsBefore: number | undefined): void {
    this.runs += 1;
    const at = this.placeOf(container);
    if (runsBefore === undefined ? at !== undefined : runsBefore > 0) this.reused += 1;
    if (at !== undefined) this.went(at, startMs, endMs, 1);
    else this.add(container, startMs, endMs, 1, runsBefore === undefined ? 1 : 0);
  }

  merge(other: ContainerTable): void {
    const { lives } = other;
    this.runs += other.runs;
    this.reused += other.reused;
    this.beyond += other.beyond;
    for (const [container, from] of other.all()) {
      const [first, last, ran, isGuess] = lives.subarray(from, from + width) as unknown as LifeNumbers;
      const at = this.placeOf(container);
      if (at === undefined) {
        this.add(container, first, last, ran, isGuess);
        continue;
      }
      this.went(at, first, last, ran);
      if (this.lives[at + guess] === 1 && isGuess === 1) this.reused += 1;
      else this.lives[at + guess] = Math.max(this.lives[at + guess]!, isGuess);
    }
  }

  toJson(): ContainersResult {
    return {
      seen: this.count + this.beyond,
      runs: this.runs,
      reused: this.reused,
      mostAtOnce: this.mostAtOnce(),
      runsPerContainerMost: this.each(runs).reduce((most, count) => Math.max(most, count), 0),
    };
  }

  private placeOf(container: ContainerIdentity): number | undefined {
    if (!isPlace(container)) return this.named.get(container);
    const at = this.numbered[container];
    return at === undefined || at === none ? undefined : at;
  }

  private *all(): Generator<[container: ContainerIdentity, at: number]> {
    yield* this.named;
    for (const [container, at] of this.numbered.entries()) if (at !== none) yield [container, at];
  }

  private add(container: ContainerIdentity, firstMs: number, endMs: number, ran: number, isGuess: number): void {
    if (this.count >= containersMost) {
      this.beyond += 1;
      return;
    }
    const at = this.count * width;
    this.count += 1;
    if (at === this.lives.length) {
      const room = new Float64Array(2 * at);
      room.set(this.lives);
      this.lives = room;
    }
    if (isPlace(container)) this.place(container, at);
    else this.named.set(container, at);
    this.lives[at] = firstMs;
    this.lives[at + lastMs] = endMs;
    this.lives[at + runs] = ran;
    this.lives[at + guess] = isGuess;
  }

  private place(container: number, at: number): void {
    if (container >= this.numbered.length) {
      const room = new Int32Array(Math.max(2 * this.numbered.length, container + 1)).fill(none);
      room.set(this.numbered);
      this.numbered = room;
    }
    this.numbered[container] = at;
  }

  private went(at: number, startMs: number, endMs: number, ran: number): void {
    const { lives } = this;
    lives[at] = Math.min(lives[at]!, startMs);
    lives[at + lastMs] = Math.max(lives[at + lastMs]!, endMs);
    lives[at + runs]! += ran;
  }

  private each(number: number): Float64Array {
    return Float64Array.from({ length: this.count }, (_, at) => this.lives[at * width + number]!);
  }

  private mostAtOnce(): number {
    const starts = this.each(0).sort();
    const ends = this.each(lastMs).sort();
    let [most, ended] = [0, 0];
    for (const [begun, startMs] of starts.entries()) {
      while (ended < ends.length && ends[ended]! < startMs) ended += 1;
      most = Math.max(most, begun + 1 - ended);
    }
    return most;
  }
}
