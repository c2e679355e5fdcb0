// What makes the containers and of which kinds, asked of the running agent: with `auto` nobody knew before.
import { z } from 'zod';

const answerMs = 2_000;

const healthSchema = z.object({ driver: z.string(), kinds: z.array(z.string()) });

/** An agent that does not tell is no reason to fail a start: what was planned is printed. */
export async function nodeFacts(agentUrl: string, planned: string): Promise<{ driver: string; kinds: string }> {
  try {
    const answer = await fetch(`${agentUrl}/health`, { signal: AbortSignal.timeout(answerMs) });
    const { driver, kinds } = healthSchema.parse(await answer.json());
    return { driver, kinds: kinds.join(',') };
  } catch (error) {
    return { driver: `an unknown driver (${(error as Error).name})`, kinds: planned };
  }
}
