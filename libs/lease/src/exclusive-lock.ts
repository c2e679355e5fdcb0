// An exclusive lock on a file, held by this process until it releases it or dies.
import Database from 'libsql';

/** Answers how to release it; undefined if another process holds it. */
export function lockExclusively(path: string): (() => void) | undefined {
  const database = new Database(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return () => database.close();
}
