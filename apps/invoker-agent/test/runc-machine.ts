// What the runc driver takes on a machine, counted by other means than its own: for tests that nothing is left.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesOf } from '../src/runc/names';

const lines = (text: string): string[] => text.split('\n').filter(Boolean);
const entries = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);

export interface Taken {
  namespaces: string[];
  devices: string[];
  mounts: string[];
  cgroups: string[];
  processes: string[];
  directories: string[];
}

export function takenBy(directory: string): Taken {
  const names = namesOf(directory);
  const mountinfo = lines(readFileSync('/proc/self/mountinfo', 'utf8'));
  const hierarchies = mountinfo.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4]!);
  const links = JSON.parse(execFileSync('ip', ['-json', 'link', 'show'], { encoding: 'utf8' })) as { ifname: string }[];
  return {
    namespaces: entries('/run/netns').filter((name) => name.startsWith(names.namespacePrefix)),
    devices: links.map(({ ifname }) => ifname).filter((name) => name.startsWith(names.devicePrefix)),
    mounts: mountinfo
      .map((line) => line.split(' ')[4]!)
      .filter((at) => at.startsWith(names.runDirectory) || at.startsWith(`${directory}/`)),
    cgroups: hierarchies.flatMap((hierarchy) =>
      entries(join(hierarchy, names.cgroup)).filter((name) => name.startsWith('cell-')),
    ),
    processes: readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .flatMap((pid) => {
        const text = readOrNothing(`/proc/${pid}/cmdline`) + readOrNothing(`/proc/${pid}/cgroup`);
        return text.includes(names.runDirectory) || text.includes(names.cgroup)
          ? [`${pid} ${readOrNothing(`/proc/${pid}/stat`).slice(0, 60)}`]
          : [];
      }),
    directories: [names.cellsDirectory, names.stateDirectory, join(directory, 'containers')].flatMap((path) =>
      entries(path).map((name) => join(path, name)),
    ),
  };
}

export const countTaken = (directory: string): Record<string, number> =>
  Object.fromEntries(Object.entries(takenBy(directory)).map(([what, all]: [string, string[]]) => [what, all.length]));

/** In words. The roots of images are shared, and stay while the driver is open. */
export const leftoversOf = (directory: string): string[] =>
  Object.entries(takenBy(directory)).flatMap(([what, found]: [string, string[]]) =>
    found.filter((one) => !one.includes('/images/roots/')).map((one) => `${what}: ${one}`),
  );

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
