// What the agent refuses, with the code that agent-api.ts gives to it. Translated to HTTP in one place, agent-errors.ts.
import type { AgentErrorCode } from '#protocol';

export class Refusal extends Error {
  constructor(
    readonly code: AgentErrorCode,
    message: string,
    /** With stale-epoch: the epoch that is stored. */
    readonly epoch?: bigint,
  ) {
    super(message);
    this.name = 'Refusal';
  }
}
