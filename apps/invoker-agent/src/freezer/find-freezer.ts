// Finds the freezer of a container from the pid of its first process.
//
// Answers undefined where there is none that may be used: no cgroup mounted, or one that holds others too, or one that we may not write.
// The caller then suspends in another way; the choice is made once per container. Version 1 comes first where a machine has both, since
// engines use that one there.
import { access, constants, readFile } from 'node:fs/promises';
import { defaultLimits } from '#limits';
import { identify } from '#lifecycle';
import { holdsOnly } from './cgroup-members';
import { type CgroupDirectories, cgroupDirectories } from './cgroup-paths';
import { cgroupV1, cgroupV2, type FreezerDialect } from './dialects';
import { CgroupFreezer, type Freezer, ProcessGone } from './freezer';

const absent = new Set<string | undefined>(['ENOENT', 'ENODEV', 'EACCES', 'EPERM', 'EROFS']);

/** Rejects with ProcessGone if there is no such process. */
export async function findFreezer(
  pid: number,
  timeoutMs: number = defaultLimits.freezeTimeoutMs,
): Promise<Freezer | undefined> {
  const process = identify(pid);
  if (!process) throw new ProcessGone(pid, 'freeze');
  const { v1, v2 } = await directoriesOf(pid);
  const candidates: [string | undefined, FreezerDialect][] = [
    [v1, cgroupV1],
    [v2, cgroupV2],
  ];
  for (const [directory, dialect] of candidates) {
    if (directory === undefined || !(await isUsable(directory, dialect, pid))) continue;
    return new CgroupFreezer(process, directory, dialect, timeoutMs);
  }
  if (!identify(pid)) throw new ProcessGone(pid, 'freeze');
  return undefined;
}

async function directoriesOf(pid: number): Promise<CgroupDirectories> {
  try {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8');
    return cgroupDirectories(cgroup, await readFile('/proc/self/mountinfo', 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') throw new ProcessGone(pid, 'freeze');
    // Without /proc there are no cgroups.
    if (code === 'ENOENT') return {};
    throw error;
  }
}

async function isUsable(directory: string, dialect: FreezerDialect, pid: number): Promise<boolean> {
  try {
    await access(`${directory}/${dialect.commandFile}`, constants.R_OK | constants.W_OK);
    return await holdsOnly(directory, pid);
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code)) return false;
    throw error;
  }
}
