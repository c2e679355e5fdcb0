// Which containers were seen, by what they say of themselves: how many, how often each ran, how many at once. Pure.
import { z } from 'zod';

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

export class ContainerTable {
  /** Where the numbers of each begin. */
  private readonly places = new Map<string, number>();
  private lives = new Float64Array(16 * width);
  private beyond = 0;
  private runs = 0;
  private reused = 0;

  ran(container: string, startMs: number, endMs: number, runsBefore: number | undefined): void {
    this.runs += 1;
    const at = this.places.get(container);
    if (runsBefore === undefined ? at !== undefined : runsBefore > 0) this.reused += 1;
    if (at !== undefined) this.went(at, startMs, endMs, 1);
    else this.add(container, startMs, endMs, 1, runsBefore === undefined ? 1 : 0);
  }

  merge({ places, lives, runs: run, reused, beyond }: ContainerTable): void {
    this.runs += run;
    this.reused += reused;
    this.beyond += beyond;
    for (const [container, from] of places) {
      const [first, last, ran, isGuess] = lives.subarray(from, from + width) as unknown as LifeNumbers;
      const at = this.places.get(container);
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
      seen: this.places.size + this.beyond,
      runs: this.runs,
      reused: this.reused,
      mostAtOnce: this.mostAtOnce(),
      runsPerContainerMost: this.each(runs).reduce((most, count) => Math.max(most, count), 0),
    };
  }

  private add(container: string, firstMs: number, endMs: number, ran: number, isGuess: number): void {
    const { size } = this.places;
    if (size >= containersMost) {
      this.beyond += 1;
      return;
    }
    const at = size * width;
    if (at === this.lives.length) {
      const room = new Float64Array(2 * at);
      room.set(this.lives);
      this.lives = room;
    }
    this.places.set(container, at);
    this.lives[at] = firstMs;
    this.lives[at + lastMs] = endMs;
    this.lives[at + runs] = ran;
    this.lives[at + guess] = isGuess;
  }

  private went(at: number, startMs: number, endMs: number, ran: number): void {
    const { lives } = this;
    lives[at] = Math.min(lives[at]!, startMs);
    lives[at + lastMs] = Math.max(lives[at + lastMs]!, endMs);
    lives[at + runs]! += ran;
  }

  private each(number: number): Float64Array {
    return Float64Array.from({ length: this.places.size }, (_, at) => this.lives[at * width + number]!);
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
