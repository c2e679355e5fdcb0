// What goes over the wire when a controller forwards an invocation, and what comes back: a head line of JSON, then text as it is. Pure.
//
// Guarantees: durations travel, never instants (the accept time is in the activation id, and ends up in the record only); the caller's API
// key travels sealed, and only for an action that gets it; whatever does not read as a whole message is none.
import { z } from 'zod';
import { type ActivationStatusCode, memberText } from '#entity';
import type { ForwardEnd } from './forwarding';
import type { FinishedActivation } from './invocation';

/** Another number is refused, so that an old and a new controller only miss a shortcut. */
const formatVersion = 4;

/** Bytes of a head, and of what a record adds to its result. */
export const headBytesMax = 65_536;

/** Nothing was begun, and nothing will be. */
export const refusedStatus = 421;

const name = z.string().min(1).max(1_024);
const durationMs = z.number().int().min(0);

/** Those that bear on how something is run and recorded. */
const ownLimits = z.object({
  storeActivations: z.boolean().optional(),
  maxPayloadSize: z.number().optional(),
  truncationSize: z.number().optional(),
  concurrentInvocations: z.number().optional(),
});

const headSchema = z.object({
  version: z.literal(formatVersion),
  activationId: z.string().regex(/^[0-9a-f]{32}$/),
  transactionId: z.string().max(headBytesMax),
  /** Since its accept. */
  waitedMs: durationMs,
  /** What is left of its wait for a container. */
  remainingMs: durationMs,
  action: z.object({
    namespace: name,
    packageName: name.optional(),
    name,
    binding: name.optional(),
    revision: z.number().int().min(0),
  }),
  /** Activation of the sequence or conductor that it is a part of. */
  cause: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  identity: z.object({ subject: name, namespace: name, uuid: z.string().max(256), limits: ownLimits }),
  sealedKey: z.string().optional(),
});

export type ForwardHead = Omit<z.infer<typeof headSchema>, 'version'>;

export interface ForwardRequest {
  readonly head: ForwardHead;
  /** The caller's payload. */
  readonly payload: string;
}

export function forwardText({ head, payload }: ForwardRequest): string {
  return `${JSON.stringify({ version: formatVersion, ...head })}\n${payload}`;
}

/** `other-version`: it is one, of a controller that writes it differently. Undefined: it is none. */
export function readForward(text: string): ForwardRequest | 'other-version' | undefined {
  const parts = split(text);
  if (!parts) return undefined;
  const { success, data } = headSchema.safeParse(parts.head);
  if (success) return { head: data, payload: parts.rest };
  const { version } = parts.head as { version?: unknown };
  return typeof version === 'number' && version !== formatVersion ? 'other-version' : undefined;
}

const answerSchema = z.object({
  activationId: z.string(),
  statusCode: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  timedOut: z.boolean(),
  size: z.number().optional(),
});

export function answerText({ activationId, outcome, record }: FinishedActivation): string {
  const { statusCode, timedOut, size } = outcome;
  return `${JSON.stringify({ activationId, statusCode, timedOut, size })}\n${record}`;
}

/** What an answer means. A whole answer to this activation is the only proof that it ran and is recorded. */
export function readAnswer(
  activationId: string,
  status: number,
  text: string,
): { readonly end: ForwardEnd; readonly activation?: FinishedActivation } {
  // Refusals come before anything is begun, whoever listens there.
  if (status >= 400 && status < 500) return { end: 'refused' };
  const parts = status === 200 ? split(text) : undefined;
  const answer = parts && answerSchema.safeParse(parts.head).data;
  const response = parts && memberText(parts.rest, 'response');
  const result = response === undefined ? undefined : memberText(response, 'result');
  if (!parts || answer?.activationId !== activationId || result === undefined) return { end: 'lost' };
  const { timedOut, size } = answer;
  const statusCode: ActivationStatusCode = answer.statusCode;
  const outcome = { statusCode, result, size, timedOut, keepsContainer: true };
  return { end: 'kept', activation: { activationId, outcome, record: parts.rest } };
}

function split(text: string): { head: unknown; rest: string } | undefined {
  const newline = text.indexOf('\n');
  if (newline < 0 || newline > headBytesMax) return undefined;
  try {
    const head: unknown = JSON.parse(text.slice(0, newline));
    return typeof head === 'object' && head !== null ? { head, rest: text.slice(newline + 1) } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
