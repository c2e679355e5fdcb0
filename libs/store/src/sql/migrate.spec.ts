// A migration runs once, whole or not at all, and never backwards.
import { Kysely } from 'kysely';
import { systemClock } from '#clock';
import { LibsqlDatabase } from '../sqlite/libsql-database';
import { LibsqlDialect } from '../sqlite/libsql-dialect';
import { sqliteDifferences } from '../sqlite/sqlite-differences';
import { type Migration, migrate } from './migrate';
import type { Tables } from './tables';

describe('migrate', () => {
  let connection: LibsqlDatabase;
  let database: Kysely<Tables>;
  const run = (...list: Migration[]): Promise<void> =>
    migrate(database, sqliteDifferences(connection, systemClock), 'test.db', list);
  const tables = (): unknown[] =>
    connection
      .prepare(`select name from sqlite_master where type = 'table' order by name`)
      .all([])
      .map((row) => (row as { name: string }).name);
  const table =
    (name: string): Migration =>
    (transaction) =>
      transaction.schema.createTable(name).addColumn('a', 'integer').execute();
  const failing: Migration = () => Promise.reject(new Error('half way'));

  beforeEach(() => {
    connection = new LibsqlDatabase(':memory:', 100, 10);
    database = new Kysely<Tables>({ dialect: new LibsqlDialect(connection) });
  });
  afterEach(() => database.destroy());

  it('runs each migration once, in order, and later ones on what is there', async () => {
    await run(table('one'));
    connection.prepare('insert into one values (7)').run([]);
    await run(table('one'));
    await run(table('one'), table('two'), table('three'));
    await run(table('one'), table('two'), table('three'));
    expect(tables()).toEqual(['one', 'schema_version', 'three', 'two']);
    expect(connection.prepare('select a from one').all([])).toEqual([{ a: 7 }]);
    expect(connection.prepare('select version from schema_version').all([])).toEqual([{ version: 3 }]);
  });

  it('leaves nothing behind of one that fails, and can be run again', async () => {
    await expect(run(table('one'), failing)).rejects.toThrow('half way');
    expect(tables()).toEqual([]);
    await run(table('one'));
    await expect(run(table('one'), table('two'), failing)).rejects.toThrow('half way');
    expect(tables()).toEqual(['one', 'schema_version']);
    await run(table('one'), table('two'));
    expect(tables()).toEqual(['one', 'schema_version', 'two']);
  });

  it('refuses a newer schema and does not touch it', async () => {
    await run(table('one'), table('two'));
    await expect(run(table('one'))).rejects.toMatchObject({
      code: 'newer-schema',
      message:
        'cannot use the database test.db: its schema is version 2, this Hearth knows up to 1; start the version that wrote it, or choose another data directory.',
    });
    expect(tables()).toEqual(['one', 'schema_version', 'two']);
  });
});
