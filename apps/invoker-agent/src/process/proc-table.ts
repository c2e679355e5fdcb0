// What /proc says about processes that belong to containers. Rare and bounded by the number of processes: used at start, at stop, after
// removals and before log files are emptied, never per activation. Without /proc (macOS) it sees nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isDead, statFields } from '#lifecycle';

const goneCodes = new Set<string | undefined>(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

export const hasProc = existsSync('/proc/self/stat');

function pids(): number[] {
  return hasProc
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];
}

/** Undefined for processes that are gone or another user's. */
function readOrGone(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (goneCodes.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Living processes whose HOME lies below this directory, with the name of the entry that it lies in. */
export function processesAtHomeBelow(directory: string): { pid: number; entry: string }[] {
  const prefix = `HOME=${directory}/`;
  const found: { pid: number; entry: string }[] = [];
  for (const pid of pids()) {
    const home = readOrGone(`/proc/${pid}/environ`)
      ?.split('\0')
      .find((variable) => variable.startsWith(prefix));
    if (home === undefined || isDead(statFields(`/proc/${pid}/stat`)?.[0] ?? 'X')) continue;
    const [entry] = home.slice(prefix.length).split('/');
    if (entry) found.push({ pid, entry });
  }
  return found;
}

/** Whether no thread of this process group can run: a stop signal takes effect at each thread on its own. */
export function isGroupStopped(group: number): boolean {
  for (const pid of pids()) {
    if (statFields(`/proc/${pid}/stat`)?.[2] !== String(group)) continue;
    for (const thread of threads(pid)) {
      const state = statFields(`/proc/${pid}/task/${thread}/stat`)?.[0];
      if (state !== undefined && state !== 'T' && state !== 't' && !isDead(state)) return false;
    }
  }
  return true;
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (goneCodes.has((error as NodeJS.ErrnoException).code)) return [];
    throw error;
  }
}
