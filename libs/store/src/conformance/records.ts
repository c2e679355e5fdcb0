// Activation rows for tests: what matters is said, the rest is plausible.
import type { ActivationRow } from '../activation-store';
import type { QueuedInvocation } from '../invocation-queue';

export const epochMs = 1_700_000_000_000;

/** An id whose first 12 digits are the accept time, as real ones have. */
export function idOf(index: number, acceptedAt: number = epochMs): string {
  return acceptedAt.toString(16).padStart(12, '0') + index.toString(16).padStart(20, '0');
}

export function recordOf(index: number, more: Partial<ActivationRow> = {}): ActivationRow {
  const activationId = more.activationId ?? idOf(index);
  return {
    namespace: 'guest',
    activationId,
    acceptedAt: epochMs,
    start: epochMs + index,
    end: epochMs + index + 5,
    name: 'hello',
    packageName: undefined,
    statusCode: 0,
    summary: JSON.stringify({ activationId, index }),
    record: JSON.stringify({ activationId, index, response: { result: {} }, logs: [] }),
    ...more,
  };
}

export function invocationOf(index: number, acceptedAt: number = epochMs): QueuedInvocation {
  const activationId = idOf(index, acceptedAt);
  return {
    activationId,
    namespace: 'guest',
    acceptedAt,
    invocation: JSON.stringify({ activationId, text: 'grüße 👋' }),
  };
}
