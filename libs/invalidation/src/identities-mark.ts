// A file of the data directory that is touched whenever a command has written subjects or limits, so that controllers of this directory forget
// what they know of them without a Redis and without asking the database.
//
// Guarantee: whoever watches is told within `everyMs` of a touch; several touches may be told as one.
import { closeSync, futimesSync, openSync, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';

const markPath = (dataDirectory: string): string => join(dataDirectory, 'identities.changed');

/** Throws what the file system says. */
export function touchIdentitiesMark(dataDirectory: string, nowMs: number): void {
  const file = openSync(markPath(dataDirectory), 'a', 0o600);
  try {
    // Times of some file systems are coarse, but never older than what was set.
    futimesSync(file, nowMs / 1_000, nowMs / 1_000);
  } finally {
    closeSync(file);
  }
}

/** Answers how to stop. It keeps no process alive. */
export function watchIdentitiesMark(dataDirectory: string, everyMs: number, onTouch: () => void): () => void {
  const path = markPath(dataDirectory);
  const listener = (now: { readonly mtimeMs: number }, before: { readonly mtimeMs: number }): void => {
    if (now.mtimeMs !== before.mtimeMs) onTouch();
  };
  watchFile(path, { interval: everyMs, persistent: false }, listener);
  return () => unwatchFile(path, listener);
}
