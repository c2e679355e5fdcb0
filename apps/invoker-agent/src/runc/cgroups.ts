// The cgroups of this driver's containers, by the files of the kernel: version 1, version 2 and machines that have both.
//
// runc makes them; they are read and removed here, since that needs no process and works for what a runc that was killed has left, too.
import { readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mounts } from './mounts';

const rounds = 200;
const roundMs = 5;
const goneCodes = new Set<string | undefined>(['ENOENT', 'ENODEV', 'ENOTDIR']);

/** Mount points of all hierarchies. */
const hierarchies = (): string[] =>
  mounts()
    .filter(({ type }) => type === 'cgroup' || type === 'cgroup2')
    .map(({ at }) => at);

/** Directories of this cgroup in all hierarchies that have it. */
export const cgroupDirectories = (path: string): string[] =>
  hierarchies()
    .map((hierarchy) => join(hierarchy, path))
    .filter((directory) => readOrGone(join(directory, 'cgroup.procs')) !== undefined);

/** Names of the cgroups right below this one, in any hierarchy. */
export function childCgroups(path: string): string[] {
  const names = cgroupDirectories(path).flatMap((directory) =>
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  );
  return [...new Set(names)];
}

export function processesOf(path: string): number[] {
  const pids = cgroupDirectories(path).flatMap((directory) =>
    (readOrGone(join(directory, 'cgroup.procs')) ?? '').split('\n').filter(Boolean).map(Number),
  );
  // 0 is a process of a pid namespace that this one cannot see.
  return [...new Set(pids)].filter((pid) => pid > 0);
}

/** How many of its processes the kernel has killed for want of memory. */
export function outOfMemoryKills(path: string): number {
  for (const directory of cgroupDirectories(path)) {
    const text = readOrGone(join(directory, 'memory.oom_control')) ?? readOrGone(join(directory, 'memory.events'));
    const count = /^oom_kill (\d+)$/m.exec(text ?? '')?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

/** Ends all that is in it, frozen or not, and removes it from all hierarchies. Rejects if something in it cannot be ended. */
export async function removeCgroup(path: string): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const directories = cgroupDirectories(path);
    if (directories.length === 0) return;
    for (const pid of processesOf(path)) kill(pid);
    for (const directory of directories) {
      // What is frozen dies once it is thawed.
      writeIfThere(join(directory, 'freezer.state'), 'THAWED');
      writeIfThere(join(directory, 'cgroup.freeze'), '0');
    }
    let left = 0;
    for (const directory of directories) if (!isRemoved(directory)) left += 1;
    if (left === 0) return;
    await sleep(roundMs);
  }
  throw new Error(`the cgroup ${path} was not removed: processes ${processesOf(path).join(', ')} in it do not end`);
}

function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function writeIfThere(path: string, text: string): void {
  if (readOrGone(path) === undefined) return;
  try {
    writeFileSync(path, text, { flag: 'r+' });
  } catch (error) {
    if (!goneCodes.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}

function readOrGone(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (goneCodes.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}
