// Finds and reads a workload: a file, or the name of one that comes with Hearth.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { productFile } from '#config';
import { type Plan, planWorkload, PlanFailure, problemLine, readWorkload, type Workload } from '#workload';
import { WorkloadFailure } from './workload-failure';

const readyMade = (): string => dirname(productFile('workloads/workload.schema.json'));

export interface FoundWorkload {
  readonly path: string;
  readonly workload: Workload;
}

/** Every workload that comes with Hearth, by name. */
export function readyMadeWorkloads(): FoundWorkload[] {
  const files = readdirSync(readyMade()).filter((name) => name.endsWith('.yaml'));
  return files.sort().map((name) => readAt(join(readyMade(), name)));
}

/** `word` is a path, or a name without `.yaml`. Throws `WorkloadFailure` with a line for each problem. */
export function findWorkload(word: string): FoundWorkload {
  const own = join(readyMade(), `${word}.yaml`);
  if (existsSync(word)) return readAt(word);
  if (basename(word) === word && existsSync(own)) return readAt(own);
  throw new WorkloadFailure(
    `there is no file ${word}, and no ready-made workload of that name; see hearth workload list.`,
    2,
  );
}

function readAt(path: string): FoundWorkload {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new WorkloadFailure(`cannot read ${path} (${(error as Error).message}).`, 2);
  }
  const { workload, problems } = readWorkload(text);
  if (workload) return { path, workload };
  throw new WorkloadFailure(problems.map((problem) => problemLine(path, problem)).join('\n'), 2);
}

/** Files that the workload names are beside it. Throws `WorkloadFailure`. */
export function planOf({ path, workload }: FoundWorkload, seed: number | undefined): Plan {
  try {
    return planWorkload(workload, { seed, readFile: (name) => readFileSync(join(dirname(path), name), 'utf8') });
  } catch (error) {
    if (error instanceof PlanFailure) throw new WorkloadFailure(error.message, 2);
    throw error;
  }
}
