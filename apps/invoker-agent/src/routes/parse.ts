// What comes with a request, by its schema. What does not fit is refused with a sentence that says what was wrong where.
import { z } from 'zod';
import { epochMost } from '#protocol';
import { Refusal } from '../ledger/refusal';

export function parse<T>(schema: z.ZodType<T>, what: string, content: unknown): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const found = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new Refusal('bad-request', `The ${what} does not fit: ${found.join('; ')}.`);
}

const container = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected an id of letters, digits, _ and -');
const decimal = z
  .string()
  .regex(/^\d{1,19}$/, 'expected a decimal number')
  .transform(BigInt);

const ofALeader = [(epoch: bigint) => epoch <= epochMost, 'expected an epoch that a leader can have'] as const;

export const containerId = (text: string): string => parse(container, 'container id', text);
export const incarnation = (text: string): bigint => parse(decimal, 'incarnation', text);

/** The epoch that a scheduler's command carries. */
export const requiredEpoch = (header: string | undefined): bigint =>
  parse(decimal.refine(...ofALeader), 'header x-hearth-epoch', header);
export const optionalEpoch = (header: string | undefined): bigint | undefined =>
  header === undefined ? undefined : requiredEpoch(header);

/** What a JSON body says; undefined for none. */
export function bodyOf(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Refusal('bad-request', `The body is no JSON: ${(error as Error).message}.`);
  }
}
