// Whether a cgroup, with all below it, holds one container's processes and nobody else's: freezing takes all of them.
//
// A process belongs to the container whose first process is `pid` if it descends from that, or if it shares a pid namespace with it that
// is not ours (what an engine runs in a container afterwards descends from the engine). An orphan that init adopted, outside of a pid
// namespace of the container's own, counts as somebody else's; better no freezer than the wrong one.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { statFields } from '#lifecycle';

/** More is no container of ours, and not looked through. */
const mostCgroups = 1_000;

export async function holdsOnly(directory: string, pid: number): Promise<boolean> {
  const ours = await pidNamespace('self');
  const theirs = await pidNamespace(String(pid));
  const own = new Set([pid]);
  let isPresent = false;
  let cgroups = 0;
  for (const waiting = [directory]; waiting.length > 0; cgroups += 1) {
    const next = waiting.pop() as string;
    if (cgroups >= mostCgroups) return false;
    for (const member of await processesIn(next)) {
      isPresent ||= member === pid;
      if (await belongs(member, own, theirs === ours ? undefined : theirs)) own.add(member);
      else return false;
    }
    for (const entry of await readdir(next, { withFileTypes: true })) {
      if (entry.isDirectory()) waiting.push(`${next}/${entry.name}`);
    }
  }
  return isPresent;
}

async function processesIn(directory: string): Promise<number[]> {
  const text = await readFile(`${directory}/cgroup.procs`, 'latin1');
  return text.split('\n').filter(Boolean).map(Number);
}

async function belongs(member: number, own: ReadonlySet<number>, namespace: string | undefined): Promise<boolean> {
  for (let process = member; process > 1;) {
    if (own.has(process)) return true;
    if (namespace !== undefined && (await pidNamespace(String(process))) === namespace) return true;
    const parent = Number(statFields(`/proc/${process}/stat`)?.[1] ?? NaN);
    // What ended meanwhile is nobody's.
    if (Number.isNaN(parent)) return process === member;
    process = parent;
  }
  return false;
}

/** Undefined if it is gone. */
async function pidNamespace(process: string): Promise<string | undefined> {
  try {
    return await readlink(`/proc/${process}/ns/pid`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
