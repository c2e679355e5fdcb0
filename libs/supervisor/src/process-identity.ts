// Names a process so that it can be recognised later: a pid alone may have gone to another process meanwhile.
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started, from /proc; empty where there is no /proc. */
  readonly startTicks: string;
}

/** Undefined if there is no such process (any more), or if it is dead and only waits to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, which may contain anything; state is the 3rd field, the start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startTicks: fields[19] ?? '' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Whether this very process still runs. Without /proc the answer is no: a pid alone proves nothing. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicks !== '' && identify(pid)?.startTicks === startTicks;
}
