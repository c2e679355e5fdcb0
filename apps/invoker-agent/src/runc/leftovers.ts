// Ends and removes what former lives of this driver left on the machine, whatever it is, but for the cells that are taken over.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../process/strays';
import { childCgroups, removeCgroup } from './cgroups';
import { unmountAllBelow } from './mounts';
import type { Names } from './names';
import type { Network } from './network/network';
import { type Starter, startersOf } from './starters';

const endRounds = 200;
const endRoundMs = 5;

export interface KeptCells {
  readonly names: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  /** Addresses without port. */
  readonly hosts: ReadonlySet<string>;
}

export interface Machine {
  readonly names: Names;
  readonly outputDirectory: string;
  readonly network: Network;
  readonly timeoutMs: number;
}

/** Answers, for the log, how many things were removed. */
export async function removeLeftovers(machine: Machine, kept: KeptCells): Promise<number> {
  const { names, outputDirectory, network, timeoutMs } = machine;
  let count = 0;
  const each = async (
    entries: readonly string[],
    isKept: ReadonlySet<string>,
    remove: (entry: string) => Promise<void>,
  ) => {
    for (const entry of entries.filter((name) => !isKept.has(name))) {
      await remove(entry);
      count += 1;
    }
  };
  const starters = (): Starter[] => startersOf(names).filter(({ cell }) => !kept.names.has(cell));
  // First whoever could still start something. Keepers end by themselves, and take their container's process with them.
  for (const { pid, isKeeper } of starters()) if (!isKeeper) signal(pid, 'SIGKILL');
  await each(childCgroups(names.cgroup), kept.names, (cell) => removeCgroup(`${names.cgroup}/${cell}`));
  for (let round = 0; round < endRounds && starters().length > 0; round += 1) await sleep(endRoundMs);
  for (const { pid } of starters()) signal(pid, 'SIGKILL');
  await each(childCgroups(names.cgroup), kept.names, (cell) => removeCgroup(`${names.cgroup}/${cell}`));
  await each(network.namespaces(), kept.namespaces, (namespace) => network.removeNamespace(namespace));
  await network.removeDevicesBut(kept.namespaces);
  await network.removeRoutesBut(kept.hosts);
  for (const directory of [names.cellsDirectory, names.stateDirectory, outputDirectory])
    await each(entriesOf(directory), kept.names, async (cell) => {
      await unmountAllBelow(join(directory, cell), timeoutMs);
      rmSync(join(directory, cell), { recursive: true, force: true });
    });
  return count;
}

export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
