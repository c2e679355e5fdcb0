// Everything in which the databases differ, and nothing else: all other SQL is written once, with Kysely.
//
// Kysely's own dialect does the rest. A driver must begin its transactions so that a row that was read in one is still the same when it
// is written (SQLite: `begin immediate`; elsewhere: row locks), and must throw StoreErrors for what the database refuses.
import type { ColumnDefinitionBuilder } from 'kysely';
import type { Retention } from '../retention';
import type { ActivationTable, Database } from './tables';

export interface Differences {
  /** The store's clock: every age, claim and deadline of the queue is judged by it. Wall-clock milliseconds. */
  nowMs(database: Database): Promise<number>;
  /** Whether a select must lock the rows that its transaction will change; false if the transaction has locked everything already. */
  readonly locksRows: boolean;
  /** Waits until no other transaction does the same, for the rest of this one; nothing to do where transactions are alone anyway. */
  alone(transaction: Database, what: 'enqueue'): Promise<void>;
  /** Does this so that it also survives the loss of the machine. */
  durably<Result>(database: Database, work: () => Promise<Result>): Promise<Result>;
  /** Does this alone among all processes, in one transaction. */
  exclusively(database: Database, work: (transaction: Database) => Promise<void>): Promise<void>;
  /** Whether the time that an activation's id carries is a part of its record's key. */
  readonly isPartitioned: boolean;
  /** Inserts records, each if absent. */
  insertActivations(transaction: Database, rows: readonly ActivationTable[]): Promise<void>;
  retention(database: Database): Retention;
  readonly migration: MigrationDifferences;
}

/** What a migration needs to know. */
export interface MigrationDifferences {
  /** The store's clock, as above. */
  nowMs(database: Database): Promise<number>;
  /** Partitions records and logs by time; absent where the database cannot. */
  readonly partition?: (transaction: Database) => Promise<void>;
  /** Makes a column of type `type` the primary key whose values only grow. */
  readonly growing: {
    readonly type: 'integer' | 'bigserial';
    column(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  };
}
