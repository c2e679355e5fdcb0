// Ends the use leases of a controller that died, at the agent of this machine: its containers are orphans at once and need not wait
// for the lease to lapse.
import type { ReadyDetails } from '#lifecycle';
import { bearerHeader } from '#protocol';

const answerMs = 1_000;

/** Answers why it could not be done, if so; then the lease ends by itself in time. */
export async function endUseLeases(
  agentUrl: string,
  agentToken: string,
  { controllerId, incarnation }: ReadyDetails,
): Promise<string | undefined> {
  if (controllerId === undefined || incarnation === undefined) return undefined;
  const url = `${agentUrl}/leases/${encodeURIComponent(controllerId)}/${encodeURIComponent(incarnation)}`;
  try {
    const answer = await fetch(url, {
      method: 'DELETE',
      headers: { authorization: bearerHeader(agentToken) },
      signal: AbortSignal.timeout(answerMs),
    });
    return answer.ok ? undefined : `the agent answered ${answer.status}`;
  } catch (error) {
    return `the agent does not answer: ${(error as Error).message}`;
  }
}
