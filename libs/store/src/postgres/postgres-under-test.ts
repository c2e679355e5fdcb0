// PostgreSQL for the conformance suites: one private server for a spec, and in it a new database for each test.
import type { UnderTest } from '../conformance/under-test';
import type { Stores } from '../stores';
import { openPostgresStores, type PostgresStoresOptions } from './open-postgres-stores';

export interface PostgresUnderTest extends UnderTest {
  readonly databaseUrl: string;
  /** Like `another`, with settings of its own. */
  open(options: Partial<PostgresStoresOptions>): Promise<Stores>;
}

export async function postgresUnderTest(
  databaseUrl: string,
  options: Partial<PostgresStoresOptions> = {},
): Promise<PostgresUnderTest> {
  const opened: Stores[] = [];
  const open = async (more: Partial<PostgresStoresOptions>): Promise<Stores> => {
    const stores = await openPostgresStores({ databaseUrl, ...options, ...more });
    opened.push(stores);
    return stores;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((stores) => stores.close()));
  };
  return { stores: await open({}), databaseUrl, open, another: () => open({}), close };
}
