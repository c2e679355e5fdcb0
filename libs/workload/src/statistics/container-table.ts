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

interface Life {
  firstMs: number;
  lastMs: number;
  runs: number;
  /** Its first run here was taken for its first of all, since nobody said. */
  isGuess: boolean;
}

export class ContainerTable {
  private readonly lives = new Map<string, Life>();
  private beyond = 0;
  private runs = 0;
  private reused = 0;

  ran(container: string, startMs: number, endMs: number, runsBefore: number | undefined): void {
    this.runs += 1;
    const life = this.lives.get(container);
    if (runsBefore === undefined ? life !== undefined : runsBefore > 0) this.reused += 1;
    if (life) {
      life.firstMs = Math.min(life.firstMs, startMs);
      life.lastMs = Math.max(life.lastMs, endMs);
      life.runs += 1;
    } else if (this.lives.size < containersMost) {
      this.lives.set(container, { firstMs: startMs, lastMs: endMs, runs: 1, isGuess: runsBefore === undefined });
    } else this.beyond += 1;
  }

  merge(other: ContainerTable): void {
    this.runs += other.runs;
    this.reused += other.reused;
    this.beyond += other.beyond;
    for (const [container, { firstMs, lastMs, runs, isGuess }] of other.lives) {
      const life = this.lives.get(container);
      if (!life) this.lives.set(container, { firstMs, lastMs, runs, isGuess });
      else {
        life.firstMs = Math.min(life.firstMs, firstMs);
        life.lastMs = Math.max(life.lastMs, lastMs);
        life.runs += runs;
        if (life.isGuess && isGuess) this.reused += 1;
        else life.isGuess ||= isGuess;
      }
    }
  }

  toJson(): ContainersResult {
    return {
      seen: this.lives.size + this.beyond,
      runs: this.runs,
      reused: this.reused,
      mostAtOnce: this.mostAtOnce(),
      runsPerContainerMost: [...this.lives.values()].reduce((most, { runs }) => Math.max(most, runs), 0),
    };
  }

  private mostAtOnce(): number {
    const starts = Float64Array.from(this.lives.values(), ({ firstMs }) => firstMs).sort();
    const ends = Float64Array.from(this.lives.values(), ({ lastMs }) => lastMs).sort();
    let [most, ended] = [0, 0];
    for (const [begun, startMs] of starts.entries()) {
      while (ended < ends.length && ends[ended]! < startMs) ended += 1;
      most = Math.max(most, begun + 1 - ended);
    }
    return most;
  }
}
