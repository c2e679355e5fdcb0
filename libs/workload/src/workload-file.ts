// What a workload file may say, as one schema: the types, the validation and the JSON schema (workloads/workload.schema.json) all follow from it. Pure.
//
// Times are milliseconds, memory megabytes, rates per second; the unit is the end of a field's name.
import { z } from 'zod';
import { distributionSchema } from './distributions';

const positive = z.number().positive();
const count = z.int().positive();
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use lower-case letters, digits and hyphens, 40 at most');

const plainStep = {
  memoryMb: distributionSchema.optional().describe('memory to fill and hold until the request ends'),
  logLines: distributionSchema.optional().describe('lines of 80 characters to write to the log'),
  cpuMs: distributionSchema.optional().describe('processor time to burn'),
  sleepMs: distributionSchema.optional().describe('time to wait'),
};
const stepSchema = z.strictObject({
  ...plainStep,
  parallel: z.array(z.strictObject(plainStep)).min(1).optional().describe('steps that begin together'),
});
export type Step = z.infer<typeof stepSchema>;

const arrivalsSchema = z.strictObject({
  closed: z
    .strictObject({ users: count, thinkMs: distributionSchema.default(0) })
    .optional()
    .describe('each user waits for an answer, thinks, and sends the next request'),
  constant: z.strictObject({ perSecond: positive }).optional(),
  poisson: z.strictObject({ perSecond: positive }).optional(),
  bursts: z
    .strictObject({
      size: count,
      everyMs: positive,
      withinMs: z.number().min(0).default(0).describe('a burst is spread evenly over this'),
    })
    .optional(),
  onOff: z
    .strictObject({
      perSecond: positive.describe('mean over on and off'),
      cv: z.number().gt(1).describe('coefficient of variation of the times between requests'),
      onShare: z.number().gt(0).lt(1).default(0.2).describe('part of the time in which requests come'),
    })
    .optional(),
  diurnal: z
    .strictObject({
      perSecond: positive.describe('at the peak'),
      base: z.number().min(0).max(1).default(0.5).describe('rate of the trough as a part of the peak'),
      periodMs: positive.default(86_400_000).describe('length of a day'),
    })
    .optional(),
  counts: z
    .strictObject({
      csv: z.string().min(1).describe('file in the layout of the Azure 2019 trace, beside the workload file'),
      minuteMs: positive.default(60_000).describe('how long a minute of the trace takes'),
      within: z.enum(['exponential', 'uniform', 'equidistant']).default('exponential'),
      functions: count.optional().describe('only so many rows, those with the most invocations'),
    })
    .optional(),
});
export type Arrivals = z.infer<typeof arrivalsSchema>;

const actionsSchema = z.strictObject({
  count: count.optional().describe('1 if not given; with start: cold or prewarmed every request has its own'),
  kind: z
    .string()
    .regex(/^nodejs:/, 'the action of workloads is written for kinds nodejs:…')
    .default('nodejs:20'),
  memoryMb: distributionSchema.optional().describe('memory limit, drawn for each action'),
  timeoutMs: z.int().min(100).default(60_000),
  concurrency: z.int().min(1).default(1),
  popularity: z
    .union([
      z.enum(['uniform', 'roundRobin']),
      z.strictObject({
        zipf: positive.optional().describe('exponent: the action of rank r is called in proportion to r^-zipf'),
        weights: z.array(z.number().min(0)).min(1).optional(),
      }),
    ])
    .default('uniform'),
});

const wildSchema = z.strictObject({
  apps: count.describe('applications; about half of them have one action'),
  perSecond: positive.describe('mean rate of all; the most popular actions are held down to reach it'),
  compress: positive.default(60).describe('how many times faster a day passes'),
  durationScale: positive.default(1).describe('durations are multiplied by this'),
  durationMaxMs: positive.default(60_000),
});
export type Wild = z.infer<typeof wildSchema>;

const scenarioSchema = z.strictObject({
  name,
  group: name.optional().describe('scenarios of one group have statistics in common, beside their own'),
  after: name.optional().describe('begins when that scenario has ended'),
  startAtMs: z.number().min(0).default(0).describe('begins so long after the workload, or after `after`'),
  actions: actionsSchema.optional(),
  arrivals: arrivalsSchema.optional(),
  wild: wildSchema.optional().describe('actions, arrivals and work as published of a public cloud'),
  durationMs: positive.optional().describe('no request is due later than this'),
  requests: count.optional().describe('how many in all; with closed arrivals, of all users'),
  work: z
    .union([stepSchema, z.array(stepSchema).min(1)])
    .optional()
    .describe('a list is done in sequence'),
  start: z.enum(['any', 'cold', 'prewarmed', 'warm', 'suspended']).default('any'),
  restMs: positive.default(11_000).describe('with start: suspended, how long an action rests between two requests'),
  kill: z
    .strictObject({ share: z.number().gt(0).max(1) })
    .optional()
    .describe('this share of requests ends its own container half-way through the work'),
  completion: z.enum(['blocking', 'polling', 'callback']).default('blocking'),
  answerWithinMs: positive.default(65_000).describe('what has no answer by then counts as lost'),
});
export type Scenario = z.infer<typeof scenarioSchema>;

export const workloadSchema = z.strictObject({
  version: z.literal(1).default(1),
  name,
  about: z.string().default('').describe('what it shows, for `workload list`'),
  seed: z.int().min(0).max(4_294_967_295).default(1).describe('everything random follows from it'),
  order: z.enum(['parallel', 'sequence']).default('parallel').describe('of the scenarios'),
  needs: z.string().optional().describe('what the platform must be set to, for people'),
  scenarios: z.array(scenarioSchema).min(1),
});
/** A workload file with its defaults filled in. */
export type Workload = z.infer<typeof workloadSchema>;

/** The JSON schema of a workload file, for editors. */
export function workloadJsonSchema(): Record<string, unknown> {
  return { title: 'A workload of Hearth', ...z.toJSONSchema(workloadSchema, { io: 'input' }) };
}
