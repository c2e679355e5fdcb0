// What an answer of the API says of a request: how it ended, and what the record and the action tell of it. Pure.
//
// Guarantees: nothing that a host answers throws; what is no activation record is malformed.
import type { Outcome } from '#workload';

/** What the workload's action says of itself. Times are milliseconds since 1970 by its clock. */
export interface InsideReport {
  /** The request, as it was told. */
  readonly i: string;
  /** The activation, from its environment. */
  readonly a: string;
  /** The container: random, once for each process. */
  readonly c: string;
  /** How often it had run before. */
  readonly n: number;
  /** When the process was started. */
  readonly b: number;
  /** It was stopped for a while since its last run. */
  readonly z: boolean;
  readonly s: number;
  readonly e: number;
}

export interface ReadActivation {
  readonly outcome: Outcome;
  readonly detail?: string;
  readonly activationId?: string | undefined;
  /** Since 1970, by the platform's clock. */
  readonly startMs?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly initMs?: number | undefined;
  readonly runMs?: number | undefined;
  readonly inside?: InsideReport | undefined;
}

/** A 202: the id to ask for later. */
export interface Accepted {
  readonly acceptedId: string;
}

interface RecordShape {
  readonly activationId?: unknown;
  readonly start?: unknown;
  readonly duration?: unknown;
  readonly annotations?: unknown;
  readonly error?: unknown;
  readonly response?: { readonly status?: unknown; readonly result?: unknown };
}

const numberOr = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The answer to an invocation, or to the question for its record. */
export function readActivation(status: number, body: string): ReadActivation | Accepted {
  if (status === 429) return { outcome: 'throttled', detail: errorOf(body) };
  if (status === 503) return { outcome: 'unavailable', detail: errorOf(body) };
  let record: RecordShape;
  try {
    record = (JSON.parse(body) ?? {}) as RecordShape;
  } catch {
    if (status >= 500) return { outcome: 'platform-error', detail: `${status}` };
    return { outcome: 'malformed', detail: `${status} ${body.slice(0, 80)}` };
  }
  const activationId = typeof record.activationId === 'string' ? record.activationId : undefined;
  if (status === 202 && activationId !== undefined) return { acceptedId: activationId };
  const how = record.response?.status;
  if (typeof how !== 'string') {
    if (status >= 500) return { outcome: 'platform-error', detail: errorOf(body), activationId };
    if (status >= 400) return { outcome: 'refused', detail: `${status} ${errorOf(body)}` };
    return { outcome: 'malformed', detail: `${status} ${body.slice(0, 80)}`, activationId };
  }
  const annotations = annotationsOf(record.annotations);
  const [duration, initMs] = [numberOr(record.duration), annotations.initTime];
  return {
    outcome: outcomeOf(how),
    ...(how !== 'success' && { detail: errorText(record.response?.result) }),
    activationId,
    startMs: numberOr(record.start),
    waitMs: annotations.waitTime,
    initMs,
    // The duration of a record contains the initialisation.
    runMs: duration === undefined ? undefined : Math.max(0, duration - (initMs ?? 0)),
    inside: insideOf(record.response?.result),
  };
}

const outcomeByStatus: Readonly<Record<string, Outcome>> = {
  success: 'ok',
  'application error': 'action-error',
  'action developer error': 'developer-error',
  // What OpenWhisk calls it in some places.
  'developer error': 'developer-error',
};
const outcomeOf = (status: string): Outcome => outcomeByStatus[status] ?? 'platform-error';

function annotationsOf(annotations: unknown): { waitTime?: number; initTime?: number } {
  const found: { waitTime?: number; initTime?: number } = {};
  if (!Array.isArray(annotations)) return found;
  for (const item of annotations as { key?: unknown; value?: unknown }[]) {
    if (typeof item?.value !== 'number') continue;
    if (item.key === 'waitTime') found.waitTime = item.value;
    else if (item.key === 'initTime') found.initTime = item.value;
  }
  return found;
}

/** The report of the action, from its result or a message. */
export function insideOf(result: unknown): InsideReport | undefined {
  const report = (result as { w?: Partial<InsideReport> } | null | undefined)?.w;
  if (!report || typeof report.i !== 'string' || typeof report.c !== 'string') return undefined;
  const { i, a = '', c, n = 0, b = 0, z = false, s = 0, e = 0 } = report;
  return { i, a, c, n, b, z, s, e };
}

function errorText(result: unknown): string {
  const { error = result } = (result ?? {}) as { error?: unknown };
  return typeof error === 'string' ? error : (JSON.stringify(error) ?? '');
}

function errorOf(body: string): string {
  try {
    return errorText(JSON.parse(body));
  } catch {
    return body.slice(0, 200);
  }
}
