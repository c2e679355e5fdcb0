// The data directory: made on the first start, for its owner only, and used by one Hearth at a time.
//
// Guarantees: the lock is the operating system's (an open exclusive transaction on a file of its own), so that it ends with the process,
// however that dies. What cannot work is said in one sentence before anything is started.
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { lockExclusively } from '#lease';
import { makeDirectory } from './make-directory';
import { readRunningRecord } from './running-record';
import { StartFailure } from './start-failure';

export interface DataDirectory {
  readonly path: string;
  release(): void;
}

const reasons: Record<string, string> = {
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOENT: 'no directory can be made there',
  ENOSPC: 'the disk is full',
};

export function openDataDirectory(path: string): DataDirectory {
  try {
    makeDirectory(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const release = lockExclusively(join(path, 'supervisor.lock'));
    if (release !== undefined) return { path, release };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = reasons[code ?? ''] ?? message;
    throw new StartFailure(
      `cannot use the data directory ${path}: ${found}; make it writable, or choose another with HEARTH_DATA_DIR.`,
    );
  }
  const other = readRunningRecord(path)?.supervisor.pid;
  throw new StartFailure(
    `cannot use the data directory ${path}: another Hearth runs on it${other === undefined ? '' : ` (process ${other})`}; stop that one, or choose another with HEARTH_DATA_DIR.`,
  );
}
