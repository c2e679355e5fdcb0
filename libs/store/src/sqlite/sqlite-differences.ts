// What is SQLite's own among the databases.
import type { Clock } from '#clock';
import type { Differences } from '../sql/differences';
import type { LibsqlDatabase } from './libsql-database';
import { insertActivations } from './insert-activations';
import { SqliteRetention } from './sqlite-retention';

/** One host's processes share the file and the host's wall clock, so that is the store's clock. */
export function sqliteDifferences(connection: LibsqlDatabase, clock: Pick<Clock, 'wallMs'>): Differences {
  const nowMs = (): Promise<number> => Promise.resolve(clock.wallMs());
  return {
    nowMs,
    locksRows: false,
    alone: () => Promise.resolve(),
    async durably(_database, work) {
      connection.pragma('synchronous = full');
      try {
        return await work();
      } finally {
        connection.pragma('synchronous = normal');
      }
    },
    exclusively: (database, work) => database.transaction().execute(work),
    isPartitioned: false,
    insertActivations,
    retention: (database) => new SqliteRetention(database, { nowMs }),
    migration: { nowMs, growing: { type: 'integer', column: (column) => column.primaryKey().autoIncrement() } },
  };
}
