// Names a process so that it can be recognised later: a pid alone may have gone to another process meanwhile.
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot at which it started, from /proc; empty where there is no /proc. */
  readonly startTicks: string;
}

/** Undefined if there is no such process (any more), or if it is dead and only waits to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  const fields = statFields(`/proc/${pid}/stat`);
  if (fields === undefined) return undefined;
  return isDead(fields[0]) ? undefined : { pid, startTicks: fields[19] ?? '' };
}

/** Whether this very process still runs. Without /proc the answer is no: a pid alone proves nothing. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return startTicks !== '' && identify(pid)?.startTicks === startTicks;
}

/** Zombie or dead. */
export function isDead(state: string | undefined): boolean {
  return state === 'Z' || state === 'X';
}

/**
 * The fields of a stat file from the third on: the second is the name in parentheses, which may contain anything. So [0] is the state, [2]
 * the process group, [19] the start time. Undefined if the process is gone.
 */
export function statFields(path: string): string[] | undefined {
  try {
    const stat = readFileSync(path, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
