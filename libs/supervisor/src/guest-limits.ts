// The limits of the guest namespace, asked of the running controller, so that what is printed is what holds.
import { z } from 'zod';
import { guestCredential } from './ready-text';

const answerMs = 2_000;
/** From here on nobody will ever reach it. */
const unlimitedFrom = 1_000_000;

const limitsSchema = z.object({
  invocationsPerMinute: z.number(),
  concurrentInvocations: z.number(),
  firesPerMinute: z.number(),
});

const amount = (value: number): string => (value >= unlimitedFrom ? 'unlimited' : String(value));

/** In words; undefined: there is no guest. A controller that does not tell is no reason to fail a start. */
export async function guestLimits(apiHost: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${apiHost}/api/v1/namespaces/_/limits`, {
      headers: { authorization: `Basic ${Buffer.from(guestCredential).toString('base64')}` },
      signal: AbortSignal.timeout(answerMs),
    });
    if (answer.status === 401) return undefined;
    const limits = limitsSchema.parse(await answer.json());
    return `of guest: ${amount(limits.invocationsPerMinute)} invocations per minute, ${amount(limits.concurrentInvocations)} at once, ${amount(limits.firesPerMinute)} fires per minute`;
  } catch (error) {
    return `of guest: unknown (${(error as Error).name})`;
  }
}
