// `running.json` in the data directory: what runs now and where it listens. Written by the supervisor at each change, read by the next
// start (which waits for what a killed supervisor left), by tests and by tools on the same machine. It contains no secret.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '#lifecycle';

export interface RunningRecord {
  readonly supervisor: ProcessIdentity;
  readonly apps: Readonly<Record<string, ProcessIdentity>>;
  /** host:port of each listener by the name of its setting, e.g. API_LISTEN. */
  readonly listeners: Readonly<Record<string, string>>;
  /** Whether all apps could serve when this was written. */
  readonly isReady: boolean;
}

const fileOf = (dataDirectory: string): string => join(dataDirectory, 'running.json');

/** Replaces the record as a whole; a reader never sees half of one. */
export function writeRunningRecord(dataDirectory: string, record: RunningRecord): void {
  const fresh = `${fileOf(dataDirectory)}.new`;
  writeFileSync(fresh, JSON.stringify(record, undefined, 2), { mode: 0o600 });
  renameSync(fresh, fileOf(dataDirectory));
}

/** Undefined if there is none, or none that can be read: then nothing is known to run. */
export function readRunningRecord(dataDirectory: string): RunningRecord | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDirectory), 'utf8')) as RunningRecord;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeRunningRecord(dataDirectory: string): void {
  rmSync(fileOf(dataDirectory), { force: true });
}
