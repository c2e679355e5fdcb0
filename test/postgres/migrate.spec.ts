// `hearth migrate` on both stores.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHearth } from '../support/platform';
import { password, PostgresServer } from '../support/postgres-server';

describe('hearth migrate', () => {
  let directory: string;
  let postgres: PostgresServer;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-migrate-'));
    postgres = await PostgresServer.start();
  });
  afterAll(async () => {
    await postgres.end();
    rmSync(directory, { recursive: true });
  });

  const migrate = async (env: Record<string, string>) => {
    const run = runHearth({ HEARTH_DATA_DIR: directory, ...env }, undefined, undefined, 'migrate');
    const { code } = await run.ended;
    return { code, printed: run.printed() };
  };

  it('makes the schema in PostgreSQL, and has nothing to do the second time', async () => {
    const done = { code: 0, printed: 'The database of DATABASE_URL has the schema of this version.\n' };
    expect(await migrate({ DATABASE_URL: postgres.url })).toEqual(done);
    expect(await migrate({ DATABASE_URL: postgres.url })).toEqual(done);
    expect(await postgres.ask('select version from schema_version')).toEqual([{ version: expect.any(Number) }]);
  });

  it('makes the file of the data directory', async () => {
    const printed = `The database ${join(directory, 'hearth.db')} has the schema of this version.\n`;
    expect(await migrate({})).toEqual({ code: 0, printed });
  });

  it('fails with one sentence that holds no password', async () => {
    const wrong = await migrate({ DATABASE_URL: postgres.url.replace(password, 'wr0ng') });
    expect(wrong).toEqual({
      code: 1,
      printed: expect.stringMatching(/^hearth: cannot use the database .*password authentication failed.*\n$/),
    });
    expect(wrong.printed).not.toContain('wr0ng');
    const bad = await migrate({ DATABASE_URL: `mysql://x:${password}@y/z` });
    expect(bad).toEqual({
      code: 1,
      printed: expect.stringMatching(/^hearth: DATABASE_URL is not usable: expected postgres:/),
    });
  });
});
