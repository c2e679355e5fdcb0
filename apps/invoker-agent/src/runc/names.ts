// How everything of one node's runc driver is called on this machine, so that leftovers can be told from what is others'. Pure.
import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface Names {
  /** On a file system in memory: what must not outlive the machine, and sockets, whose paths must be short. */
  readonly runDirectory: string;
  /** runc's own state. */
  readonly stateDirectory: string;
  readonly cellsDirectory: string;
  readonly cgroup: string;
  readonly bridge: string;
  readonly table: string;
  /** Of network namespaces; a number follows. */
  readonly namespacePrefix: string;
  /** Of network devices, which have 15 letters at most; a number follows. */
  readonly devicePrefix: string;
}

/** The directory on disk is used by one agent at a time, so a name made of it is no other agent's. */
export function namesOf(directory: string): Names {
  const tag = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  const runDirectory = join('/run/hearth', tag);
  return {
    runDirectory,
    stateDirectory: join(runDirectory, 'runc'),
    cellsDirectory: join(runDirectory, 'cells'),
    cgroup: `/hearth-${tag}`,
    bridge: `hb${tag}`,
    table: `hearth_${tag}`,
    namespacePrefix: `hearth-${tag}-`,
    devicePrefix: `h${tag}-`,
  };
}
