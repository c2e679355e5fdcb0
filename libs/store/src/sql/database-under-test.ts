// Databases for tests that need more than the seam: SQL of their own, a clock that they move, the queries that were sent. In this thread.
import { Kysely, type KyselyConfig, PostgresDialect } from 'kysely';
import type { Clock } from '#clock';
import type { PostgresServer } from '../../../../test/support/postgres-server';
import { postgresDifferences } from '../postgres/postgres-differences';
import { StorePool } from '../postgres/postgres-pool';
import { LibsqlDatabase } from '../sqlite/libsql-database';
import { LibsqlDialect } from '../sqlite/libsql-dialect';
import { sqliteDifferences } from '../sqlite/sqlite-differences';
import type { Differences } from './differences';
import type { Tables } from './tables';

export interface DatabaseUnderTest {
  readonly database: Kysely<Tables>;
  readonly differences: Differences;
}

type Log = KyselyConfig['log'];

/** Without tables. */
export function sqliteInMemory(clock: Pick<Clock, 'wallMs'>, log?: Log): DatabaseUnderTest {
  const connection = new LibsqlDatabase(':memory:', 100, 100);
  const database = new Kysely<Tables>({ dialect: new LibsqlDialect(connection), ...(log && { log }) });
  return { database, differences: sqliteDifferences(connection, clock) };
}

/** Without tables; `clock` undefined: the database's. */
export async function postgresOf(
  server: PostgresServer,
  clock?: Pick<Clock, 'wallMs'>,
  log?: Log,
): Promise<DatabaseUnderTest> {
  const databaseUrl = await server.makeDatabase();
  const pool = new StorePool({ databaseUrl, connectionsCount: 4, connectMs: 5_000, statementMs: 0 }, () => undefined);
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...(log && { log }) });
  return { database, differences: postgresDifferences(clock && (() => Promise.resolve(clock.wallMs()))) };
}
