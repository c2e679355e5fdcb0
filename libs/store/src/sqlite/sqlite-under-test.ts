// SQLite for the conformance suites: a file in a directory of its own, opened as the apps open it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnderTest } from '../conformance/under-test';
import type { Stores } from '../stores';
import { openSqliteStores, type SqliteStoresOptions } from './open-sqlite-stores';

export async function sqliteUnderTest(
  options: Omit<SqliteStoresOptions, 'path'> = {},
): Promise<UnderTest & { readonly path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'hearth-store-'));
  const path = join(directory, 'hearth.db');
  const opened: Stores[] = [];
  const another = async (): Promise<Stores> => {
    const stores = await openSqliteStores({ ...options, path });
    opened.push(stores);
    return stores;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((stores) => stores.close()));
    await rm(directory, { recursive: true, force: true });
  };
  return { stores: await another(), path, another, close };
}
