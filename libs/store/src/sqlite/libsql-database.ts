// One SQLite connection as Kysely's SQLite driver wants it, over libsql.
//
// Guarantees: statements are prepared once and kept (bounded); what SQLite refuses becomes a StoreError here and nowhere else.
// - WAL: readers and one writer of several processes do not wait for each other.
// - synchronous=NORMAL: a commit is a write to the operating system without fsync. It survives the death of any process; the loss of
//   the machine may lose the last commits but never damages the file. Architecture, section 2, step 7 asks for just that, and an
//   fsync for each batch would cost many times the batch.
// - busy_timeout: whoever finds the file locked by another process waits that long, and then gets `unavailable`.
// Foreign keys are not used.
import Libsql from 'libsql';
import { LRUCache } from 'lru-cache';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { StoreError } from '../errors';

const journalRetryMs = 20;
/** WAL files are cut back to this after a burst. */
const journalSizeBytes = 67_108_864;

export class LibsqlDatabase implements SqliteDatabase {
  private readonly connection: Libsql.Database;
  private readonly statements: LRUCache<string, SqliteStatement>;

  constructor(
    path: string,
    private readonly busyTimeoutMs: number,
    statementsCount: number,
  ) {
    this.statements = new LRUCache({ max: statementsCount });
    this.connection = translated(() => new Libsql(path));
    this.pragma(`busy_timeout = ${busyTimeoutMs}`);
    this.enterWal();
    this.pragma(`journal_size_limit = ${journalSizeBytes}`);
    this.pragma('synchronous = normal');
  }

  prepare(text: string): SqliteStatement {
    const known = this.statements.get(text);
    if (known) return known;
    const statement = translated(() => this.connection.prepare(text));
    const kept: SqliteStatement = {
      reader: statement.reader,
      all: (parameters) => translated(() => statement.all(parameters)),
      run: (parameters) => translated(() => statement.run(parameters)),
      iterate: (parameters) => translated(() => statement.iterate(parameters)),
    };
    this.statements.set(text, kept);
    return kept;
  }

  get inTransaction(): boolean {
    return this.connection.inTransaction;
  }

  pragma(text: string): void {
    translated(() => this.connection.pragma(text));
  }

  close(): void {
    this.statements.clear();
    this.connection.close();
  }

  /** The switch to WAL does not wait for the busy time-out by itself when several processes make it at once. */
  private enterWal(): void {
    const tries = Math.ceil(this.busyTimeoutMs / journalRetryMs);
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.pragma('journal_mode = wal');
        return;
      } catch (error) {
        if (attempt >= tries || !(error instanceof StoreError) || error.code !== 'unavailable') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, journalRetryMs);
      }
    }
  }
}

/** Unreachable, locked, full or read-only: the database cannot do it now. What else SQLite refuses is a defect of ours. */
const unavailable = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL|INTERRUPT|AUTH|PERM)/;
const corrupt = /^SQLITE_(CORRUPT|NOTADB|FORMAT)/;

function translated<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    if (unavailable.test(code) || message.startsWith('ConnectionFailed')) {
      throw new StoreError('unavailable', `the database cannot do it now: ${message}.`, { cause: error });
    }
    if (corrupt.test(code))
      throw new StoreError('corrupt', `the database cannot be read: ${message}.`, { cause: error });
    throw error;
  }
}
