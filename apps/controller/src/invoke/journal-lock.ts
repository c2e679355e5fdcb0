// Whether an incarnation of a controller lives, for whoever finds its journal: it holds a lock of the operating system from before its first
// file until it is dead.
//
// Guarantee: who holds the lock of an incarnation that has journal files, and is not it, knows that it is dead; a frozen one is not. Look for
// files first: an incarnation that has none may be about to take its lock.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { lockExclusively } from '#lease';

export interface JournalLock {
  release(): void;
  /** Releases it for good: that incarnation writes no more. */
  remove(): void;
}

/** `owner` as in the names of its files. Undefined: another process holds it. Never asked for one whose lock this process holds. */
export function lockJournal(directory: string, owner: string): JournalLock | undefined {
  const path = join(directory, `${owner}.lock`);
  const release = lockExclusively(path);
  if (!release) return undefined;
  const remove = (): void => {
    rmSync(path, { force: true });
    release();
    rmSync(`${path}-journal`, { force: true });
  };
  return { release, remove };
}
