// Ends processes that belong to no living container: left by a former life of the agent, or by actions that gave their children a session of
// their own. Recognised by the HOME that every container's process has; one that clears its environment escapes, for this driver isolates nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { processesAtHomeBelow } from './proc-table';

const rounds = 50;
const roundMs = 20;

/** Resolves once none is left, or after a second of trying; answers how many were killed. */
export async function endStrays(
  containersDirectory: string,
  isLiving: (container: string) => boolean,
): Promise<number> {
  const killed = new Set<number>();
  for (let round = 0; round < rounds; round += 1) {
    const strays = processesAtHomeBelow(containersDirectory).filter(({ entry }) => !isLiving(entry));
    if (strays.length === 0) break;
    for (const { pid } of strays) {
      signal(pid, 'SIGKILL');
      killed.add(pid);
    }
    await sleep(roundMs);
  }
  return killed.size;
}

/** A negative pid is a process group. Answers whether there was one. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
