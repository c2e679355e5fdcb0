// Clients of a platform whose processes are killed under them: each invokes again and again, and tells which activation ids it was given.
//
// Guarantee: what is no answer must be a connection that was lost, and an answer without an id one that refuses; everything else fails the test.
import type { RawAnswer } from '../support/raw-http';
import { pause } from '../support/until';

/** Settings with which a platform is soon there again, and what a dead controller owed is soon settled. */
export const quickRestarts = {
  LIMIT_RESTART_BACKOFF_MS: '100',
  LIMIT_RESTART_BACKOFF_MOST_MS: '500',
  LIMIT_CLAIM_LEASE_MS: '3000',
  LIMIT_SWEEP_GRACE_MS: '2000',
};

/** What a client sees of a controller that is not there. */
const lostConnection = /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up/;
const afterLossMs = 50;

export async function invokeUntil(
  isOver: () => boolean,
  invoke: (n: number) => Promise<RawAnswer>,
  seen: (activationId: string, answer: RawAnswer) => void,
): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    try {
      const answer = await invoke(n);
      const id = answer.headers['x-openwhisk-activation-id'] as string | undefined;
      if (id !== undefined) seen(id, answer);
      else expect([503, 500]).toContain(answer.status);
    } catch (error) {
      if (!lostConnection.test(String(error))) throw error;
      await pause(afterLossMs);
    }
  }
}
