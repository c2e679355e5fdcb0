// Finds every process that has to do with a data directory: by its environment, its arguments, its working directory or a file that it holds open.
// So nothing that a start left behind goes unseen, frozen or adopted by init.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly parent: number;
  /** R, S, T (stopped), Z … as in /proc. */
  readonly state: string;
  readonly command: string;
}

/** What cannot be read belongs to a process that has just ended, or to somebody else. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

function linksOf(pid: string): string[] {
  const fds = orEmpty(() => readdirSync(`/proc/${pid}/fd`).join('\n'));
  return [
    orEmpty(() => readlinkSync(`/proc/${pid}/cwd`)),
    ...fds.split('\n').map((fd) => (fd === '' ? '' : orEmpty(() => readlinkSync(`/proc/${pid}/fd/${fd}`)))),
  ];
}

function describe(pid: string): FoundProcess | undefined {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const command = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  return stat === '' || state === undefined || state === 'Z'
    ? undefined
    : { pid: Number(pid), parent: Number(parent), state, command };
}

/** All living processes that mention or use this path, and their descendants; without the asking process. */
export function processesUsing(path: string): FoundProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const all = pids.flatMap((pid) => describe(pid) ?? []);
  const uses = new Set(
    all
      .filter(
        ({ pid, command }) =>
          command.includes(path) ||
          orEmpty(() => readFileSync(`/proc/${pid}/environ`, 'utf8')).includes(path) ||
          linksOf(String(pid)).some((link) => link.startsWith(path)),
      )
      .map(({ pid }) => pid),
  );
  for (let grown = true; grown;) {
    const before = uses.size;
    for (const { pid, parent } of all) if (uses.has(parent)) uses.add(pid);
    grown = uses.size > before;
  }
  return all.filter(({ pid }) => uses.has(pid));
}
