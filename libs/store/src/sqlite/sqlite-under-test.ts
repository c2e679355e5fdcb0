// SQLite for the conformance suites: a file in a directory of its own, opened as the apps open it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnderTest } from '../conformance/under-test';
import type { Stores } from '../stores';
import { openSqliteStores, type SqliteStoresOptions } from './open-sqlite-stores';

export interface SqliteUnderTest extends UnderTest {
  /** A file of this name in the directory of this test. */
  path(name: string): string;
  /** Like `another`, with settings or a file of its own. */
  open(options: Partial<SqliteStoresOptions>): Promise<Stores>;
}

export async function sqliteUnderTest(options: Partial<SqliteStoresOptions> = {}): Promise<SqliteUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'hearth-store-'));
  const path = (name: string): string => join(directory, name);
  const opened: Stores[] = [];
  const open = async (more: Partial<SqliteStoresOptions>): Promise<Stores> => {
    const stores = await openSqliteStores({ path: path('hearth.db'), readsApart: true, ...options, ...more });
    opened.push(stores);
    return stores;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((stores) => stores.close()));
    await rm(directory, { recursive: true, force: true });
  };
  return { stores: await open({}), path, open, another: () => open({}), close };
}
