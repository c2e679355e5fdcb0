// What one request does inside the action, as numbers: steps in sequence, each of which may have some in parallel. Pure.
import type { Random } from '#clock';
import { constantOf, type Distribution, sampler } from './distributions';
import type { Scenario, Step } from './workload-file';

/** Integers where the unit cannot be divided; a field that is missing is not done. Within a step: memory, then log, then processor, then sleep. */
export interface PlainWork {
  readonly memoryMb?: number;
  readonly logLines?: number;
  readonly cpuMs?: number;
  readonly sleepMs?: number;
}
export interface WorkStep extends PlainWork {
  readonly parallel?: readonly PlainWork[];
}
export type Work = readonly WorkStep[];

export const noWork: Work = [];

/** A function that draws the work of each request in turn; one and the same object each time where nothing is random. */
export function workSampler(work: Scenario['work'], random: Random): () => Work {
  if (work === undefined) return () => noWork;
  const steps = (Array.isArray(work) ? work : [work]).map((step) => stepSampler(step, random));
  const draw = (): Work => steps.map((step) => step());
  if (!isConstant(work)) return draw;
  const constant = draw();
  return () => constant;
}

function isConstant(work: NonNullable<Scenario['work']>): boolean {
  const ofStep = ({ parallel = [], ...plain }: Step): boolean =>
    Object.values(plain).every((value) => value === undefined || constantOf(value) !== undefined) &&
    parallel.every(ofStep);
  return (Array.isArray(work) ? work : [work]).every(ofStep);
}

const fields = ['memoryMb', 'logLines', 'cpuMs', 'sleepMs'] as const;

function stepSampler({ parallel, ...plain }: Step, random: Random): () => WorkStep {
  const own = plainSampler(plain, random);
  if (!parallel) return own;
  const others = parallel.map((step) => plainSampler(step, random));
  return () => ({ ...own(), parallel: others.map((draw) => draw()) });
}

function plainSampler(step: Partial<Record<(typeof fields)[number], Distribution | undefined>>, random: Random) {
  const draws = fields.flatMap((field) => {
    const distribution = step[field];
    return distribution === undefined ? [] : [{ field, draw: sampler(distribution, random) }];
  });
  return (): PlainWork =>
    Object.fromEntries(draws.map(({ field, draw }) => [field, rounded(field, draw())])) as PlainWork;
}

/** Microseconds are as fine as a time gets. */
const rounded = (field: (typeof fields)[number], value: number): number =>
  field === 'memoryMb' || field === 'logLines' ? Math.round(value) : Math.round(value * 1_000) / 1_000;

/** How long the work takes at least, milliseconds. */
export function workMs(work: Work): number {
  const ofPlain = ({ cpuMs = 0, sleepMs = 0 }: PlainWork): number => cpuMs + sleepMs;
  return work.reduce((sum, step) => {
    const { parallel = [] } = step;
    const sleeping = Math.max(0, ...parallel.map(ofPlain));
    // One process: what burns the processor does so one after the other.
    return (
      sum +
      ofPlain(step) +
      Math.max(
        sleeping,
        parallel.reduce((total, { cpuMs = 0 }) => total + cpuMs, 0),
      )
    );
  }, 0);
}
