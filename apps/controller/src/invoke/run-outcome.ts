// From what the container answered to how the activation ended: OpenWhisk's mapping, in one place. Pure.
//
// Guarantees: every answer and every missing answer maps to exactly one outcome; a successful result passes through as the text that the
// container wrote; `size` counts the container's raw answer, before anything is dropped or wrapped (compatibility notes, R14).
import type { NoReply } from '#action-container';
import { activationStatus, type ActivationStatusCode, membersOf, messages } from '#entity';

export interface RunOutcome {
  readonly statusCode: ActivationStatusCode;
  /** JSON text of `response.result`. */
  readonly result: string;
  /** Bytes of the raw answer; undefined when there was none. */
  readonly size: number | undefined;
  /** The time limit was reached. */
  readonly timedOut: boolean;
  /** Containers are kept after success and application errors only. */
  readonly keepsContainer: boolean;
  /** The container went away before it answered: nobody knows how far the action came. */
  readonly isLost?: boolean;
}

/** The container said that it is shutting down: the run did not happen, and goes elsewhere. */
export const shuttingDownStatus = 503;

/** Why an activation ended whose controller cannot say how it ended. */
export const lostControllerText = 'The controller that ran this activation was lost, and its outcome is not known.';

const errorText = (text: string): string => `{"error":${JSON.stringify(text)}}`;

function developerError(result: string, size: number | undefined, timedOut = false): RunOutcome {
  return { statusCode: activationStatus.actionDeveloperError, result, size, timedOut, keepsContainer: false };
}

export function whiskError(text: string): RunOutcome {
  const result = errorText(text);
  return {
    statusCode: activationStatus.whiskInternalError,
    result,
    size: undefined,
    timedOut: false,
    keepsContainer: false,
  };
}

/** undefined stands for no JSON at all. */
function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    // That it is no JSON is the answer.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const hasError = (value: unknown): value is { error: unknown } => isObject(value) && Object.hasOwn(value, 'error');

/** Only the error, as it was written: it may be nested too deep to be serialised anew. */
const errorOf = (text: string): string => `{"error":${membersOf(text)?.get('error') ?? 'null'}}`;

/** Results are spliced into records and taken out again, so nothing may stand around them. Those of our runtimes are bare. */
function bare(text: string): string {
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  return (first === 0x7b || first === 0x5b) && (last === 0x7d || last === 0x5d) ? text : text.trim();
}

/** `length` is the answer's whole length, of which `body` holds at most `limitBytes`. */
export function runOutcome(status: number, body: Buffer, length: number, limitBytes: number): RunOutcome {
  const text = body.toString('utf8');
  if (length > limitBytes) {
    return {
      statusCode: activationStatus.applicationError,
      result: errorText(messages.truncatedResponse(length, limitBytes, text)),
      size: length,
      timedOut: false,
      keepsContainer: status === 200,
    };
  }
  const parsed = parse(text);
  if (status !== 200) {
    const error = hasError(parsed?.value) ? errorOf(text) : errorText(messages.invalidResponse(text));
    return developerError(error, length);
  }
  if (!parsed || typeof parsed.value !== 'object' || parsed.value === null) {
    return developerError(errorText(messages.invalidResponse(text)), length);
  }
  if (hasError(parsed.value)) {
    return {
      statusCode: activationStatus.applicationError,
      result: errorOf(text),
      size: length,
      timedOut: false,
      keepsContainer: true,
    };
  }
  return {
    statusCode: activationStatus.success,
    result: bare(text),
    size: length,
    timedOut: false,
    keepsContainer: true,
  };
}

export function runWithoutReply(reason: NoReply, limitMs: number): RunOutcome {
  if (reason === 'timeout') return developerError(errorText(messages.timedOutRun(limitMs)), undefined, true);
  return { ...developerError(errorText(messages.exitedDuringRun), undefined), isLost: reason === 'lost' };
}

/** The same, told by the container's agent; running it again would end in the same way. */
export const outOfMemory = (): RunOutcome => developerError(errorText(messages.memoryExhausted), undefined);

/** Undefined: /init succeeded. */
export function initOutcome(status: number, body: Buffer, length: number): RunOutcome | undefined {
  if (status === 200) return undefined;
  const text = body.toString('utf8');
  const parsed = parse(text)?.value;
  if (hasError(parsed)) return developerError(errorOf(text), length);
  return developerError(errorText(messages.invalidInitResponse(text)), length);
}

export function initWithoutReply(reason: NoReply, limitMs: number): RunOutcome {
  if (reason === 'timeout') return developerError(errorText(messages.timedOutInit(limitMs)), undefined, true);
  return { ...developerError(errorText(messages.exitedDuringInit), undefined), isLost: reason === 'lost' };
}
