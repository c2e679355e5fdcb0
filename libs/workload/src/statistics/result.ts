// The result of a run as it is written to a JSON file: versioned, checked when it is read, and enough for every table and report. Pure.
import { z } from 'zod';
import { containersResultSchema } from './container-table';
import { distributionResultSchema } from './distribution-record';
import { timelineResultSchema } from './timeline';

export const scenarioResultSchema = z.object({
  name: z.string(),
  group: z.string().optional(),
  requests: z.int(),
  startMs: z.number(),
  endMs: z.number(),
  outcomes: z.record(z.string(), z.int()),
  details: z.record(z.string(), z.array(z.string())),
  doubled: z.int(),
  latency: distributionResultSchema,
  starts: z.record(z.string(), distributionResultSchema),
  wait: distributionResultSchema,
  init: distributionResultSchema,
  run: distributionResultSchema,
  lateness: distributionResultSchema,
  containers: containersResultSchema,
  timeline: timelineResultSchema,
});
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;

/** Raised by every change that an older reader would misread. */
export const resultVersion = 1;

export const workloadResultSchema = z.object({
  format: z.literal('hearth-workload-result'),
  version: z.literal(resultVersion),
  workload: z.object({ name: z.string(), about: z.string(), seed: z.int() }),
  /** `platform`: measured; `simulation`: times are virtual. */
  source: z.enum(['platform', 'simulation']),
  target: z.string().describe('the API host, or what was simulated'),
  startedAt: z.string().optional(),
  elapsedMs: z.number(),
  isPartial: z.boolean().describe('it was stopped before its end'),
  remarks: z.array(z.string()).describe('what a reader has to know, in whole sentences'),
  scenarios: z.array(scenarioResultSchema),
  groups: z.array(scenarioResultSchema),
  whole: scenarioResultSchema,
});
export type WorkloadResult = z.infer<typeof workloadResultSchema>;

/** Throws one sentence if the text is no result, or another version's. `name` is what the sentence calls it. */
export function readResult(text: string, name: string): WorkloadResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is no JSON (${(error as Error).message}).`);
  }
  const { format, version } = (value ?? {}) as { format?: unknown; version?: unknown };
  if (format !== 'hearth-workload-result') throw new Error(`${name} is no result of a workload.`);
  if (version !== resultVersion) {
    throw new Error(`${name} has version ${String(version)}; this Hearth reads version ${resultVersion}.`);
  }
  const parsed = workloadResultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${name} is damaged: ${issue!.path.join('.')}: ${issue!.message}.`);
}
