// The stores that are measured: each opened as a controller opens it, with a way to fill it from inside of the database.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startPostgres } from './private-postgres.mjs';

const require = createRequire(import.meta.url);
const { openSqliteStores, openPostgresStores } = require('#store');

/** Each answers `stores`, `run` for one statement on a connection of its own, and `close`. */
export const open = {
  async sqlite(children, say) {
    const path = join(children.makeDirectory('sqlite'), 'hearth.db');
    const stores = await openSqliteStores({ path, readsApart: true, say });
    const Database = require('libsql');
    const database = new Database(path);
    database.pragma('synchronous = normal');
    const run = (text) => Promise.resolve(database.exec(text));
    return { dialect: 'sqlite', stores, run, close: () => (database.close(), stores.close()) };
  },
  async postgres(children, say) {
    const databaseUrl = process.env.DATABASE_URL || (await startPostgres(children));
    const stores = await openPostgresStores({ databaseUrl, say });
    const { Client } = require('pg');
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    const close = () => Promise.all([client.end(), stores.close()]);
    return { dialect: 'postgres', databaseUrl, stores, run: (text) => client.query(text), close };
  },
};
