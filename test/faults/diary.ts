// What the actions of a load note themselves: the activation id of each run that came to its end, one a line. A run that is not recorded, or
// that is recorded under an id that another run has, too, is seen here and nowhere else: the store keeps one record of an id, whatever ran.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Diary {
  private readonly path: string;

  constructor(folder: string) {
    this.path = join(folder, 'diary-of-runs');
  }

  /** Source of `note()`, for an action to call last. The actions of one diary must not ask for retries. */
  get source(): string {
    return `const note = () =>
      require('node:fs').appendFileSync(${JSON.stringify(this.path)}, process.env.__OW_ACTIVATION_ID + '\\n');`;
  }

  /** Fails if anything was run to its end twice, or if one of these, which succeeded, was not. Answers how many runs there were in all. */
  expectOnce(succeeded: readonly string[]): number {
    const ids = existsSync(this.path) ? readFileSync(this.path, 'utf8').trimEnd().split('\n') : [];
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect({ runTwice: [...counts].filter(([, count]) => count > 1) }).toEqual({ runTwice: [] });
    expect({ neverRun: succeeded.filter((id) => !counts.has(id)) }).toEqual({ neverRun: [] });
    return ids.length;
  }
}
