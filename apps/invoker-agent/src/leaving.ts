// How an agent that is told to stop leaves its node: as if it were drained, so that what runs there ends first and nobody's call fails.
//
// Guarantees: it takes no longer than `agentLeaveMs`, and no time at all when there is no container or no leader to take them away; nothing
// of it is stored, so the next life takes placements again at once.
import type { Clock } from '#clock';
import type { Limits } from '#limits';

const lookAgainMs = 20;

export interface LeavingNode {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'agentLeaveMs'>;
  readonly containerCount: () => number;
  /** Whether a leader accepted the last heartbeat. */
  readonly isHeard: () => boolean;
  /** Says at once, and from now on, that the node is to be drained. */
  readonly say: () => void;
}

/** Resolves once the node is empty, or will not be. */
export async function leave({ clock, limits, containerCount, isHeard, say }: LeavingNode): Promise<void> {
  if (containerCount() === 0 || !isHeard()) return;
  say();
  const until = clock.now() + limits.agentLeaveMs;
  while (containerCount() > 0 && isHeard() && clock.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}
