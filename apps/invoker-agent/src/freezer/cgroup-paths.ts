// Where a process's freezer cgroup is mounted, from the texts of /proc/<pid>/cgroup and /proc/self/mountinfo. Pure.
//
// A root is never answered, neither the hierarchy's nor the one that this process sees as root from inside a container: it holds others.

export interface CgroupDirectories {
  /** Of the hierarchy of version 1 that has the freezer controller. */
  readonly v1?: string;
  readonly v2?: string;
}

interface Mount {
  /** The cgroup that is mounted, as a path in its hierarchy. */
  readonly root: string;
  readonly at: string;
  readonly type: string;
  readonly options: readonly string[];
}

export function cgroupDirectories(cgroup: string, mountinfo: string): CgroupDirectories {
  const mounts = mountinfo.split('\n').flatMap(parseMount);
  const [v1, v2] = [freezerPath(cgroup), unifiedPath(cgroup)];
  const v1Mounts = mounts.filter(({ type, options }) => type === 'cgroup' && options.includes('freezer'));
  const v2Mounts = mounts.filter(({ type }) => type === 'cgroup2');
  const v1Directory = v1 === undefined ? undefined : mounted(v1, v1Mounts);
  const v2Directory = v2 === undefined ? undefined : mounted(v2, v2Mounts);
  return { ...(v1Directory && { v1: v1Directory }), ...(v2Directory && { v2: v2Directory }) };
}

/** Lines are `id:controllers:path`; a path may hold colons. */
const lines = (cgroup: string): string[][] =>
  cgroup.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    return match ? [match.slice(1)] : [];
  });

const freezerPath = (cgroup: string): string | undefined =>
  lines(cgroup).find(([, controllers]) => controllers?.split(',').includes('freezer'))?.[2];

const unifiedPath = (cgroup: string): string | undefined =>
  lines(cgroup).find(([id, controllers]) => id === '0' && controllers === '')?.[2];

function mounted(path: string, mounts: readonly Mount[]): string | undefined {
  // `/..` is how a path looks that lies above what a cgroup namespace shows.
  if (path === '/' || path.split('/').includes('..')) return undefined;
  for (const { root, at } of mounts) {
    const prefix = root === '/' ? '' : root;
    if (path.startsWith(`${prefix}/`)) return at + path.slice(prefix.length);
  }
  return undefined;
}

/** `id parent major:minor root at options [optional fields] - type source superblock-options` */
function parseMount(line: string): Mount[] {
  const [before, after] = line.split(' - ');
  const [, , , root, at] = before?.split(' ') ?? [];
  const [type, , options] = after?.split(' ') ?? [];
  if (root === undefined || at === undefined || type === undefined) return [];
  return [{ root: unescape(root), at: unescape(at), type, options: options?.split(',') ?? [] }];
}

/** Blanks and backslashes are written in octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
