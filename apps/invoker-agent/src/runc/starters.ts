// Who could still start a container: runc, its keeper, and what waits at a gate. Recognised by their command lines, which name the cell's directory.
import { readdirSync, readFileSync } from 'node:fs';
import { keeperProgram } from './keeper';
import type { Names } from './names';

export interface Starter {
  readonly pid: number;
  /** Which one it starts. */
  readonly cell: string;
  readonly isKeeper: boolean;
}

/** Processes outside of the containers that were started for one, by their command lines. */
export function startersOf(names: Names): Starter[] {
  const prefix = `${names.cellsDirectory}/`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = commandLine(Number(pid));
      const word = words.find((one) => one.startsWith(prefix));
      const cell = word?.slice(prefix.length).split('/')[0];
      return cell ? [{ pid: Number(pid), cell, isKeeper: words[0] === keeperProgram }] : [];
    });
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}
