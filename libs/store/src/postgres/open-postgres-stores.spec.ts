// What is PostgreSQL's own: several processes on one database, a server that is not there, goes away, stands still or refuses, and secrets.
import { PostgresServer, password } from '../../../../test/support/postgres-server';
import { until } from '../../../../test/support/until';
import { defaultLimits } from '#limits';
import { invocationOf, recordOf } from '../conformance/records';
import { eachTestWith } from '../conformance/under-test';
import { openPostgresStores } from './open-postgres-stores';
import { postgresUnderTest } from './postgres-under-test';

let server: PostgresServer;
const said: string[] = [];
const say = (sentence: string): void => void said.push(sentence);
const limits = { ...defaultLimits, storeConnectMs: 500, storeStatementMs: 500, storeOpenWaitMs: 300 };

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(async () => {
  await server.end();
  // Whatever happened above, nobody has told the password.
  expect(said.join('\n')).not.toContain(password);
});
beforeEach(() => said.splice(0));

describe('openPostgresStores', () => {
  const test = eachTestWith(async () => postgresUnderTest(await server.makeDatabase(), { limits, say }));
  const insert = (index: number) => test.current.stores.activations.insert([recordOf(index)]);

  it('makes the schema once when several open an empty database at the same moment', async () => {
    const databaseUrl = await server.makeDatabase();
    const opened = await Promise.all([1, 2, 3, 4].map(() => openPostgresStores({ databaseUrl, limits, say })));
    const numbers = await Promise.all(opened.map(({ incarnations }) => incarnations.next('x')));
    expect(numbers.map(Number).sort()).toEqual([1, 2, 3, 4]);
    await Promise.all(opened.map((stores) => stores.close()));
  });

  it('refuses a database that a newer Hearth wrote, with one sentence', async () => {
    await server.ask('update schema_version set version = 99', test.current.databaseUrl);
    await expect(test.current.another()).rejects.toMatchObject({
      code: 'newer-schema',
      message: expect.stringMatching(/^cannot use the database 127\.0\.0\.1:\d+\/test\d+: its schema is version 99, /),
    });
  });

  it.each([
    ['a wrong password', (url: string) => url.replace(password, 'wr0ng'), /password authentication failed/],
    ['a database that does not exist', (url: string) => `${url}0`, /does not exist; change DATABASE_URL/],
    ['a server without TLS', (url: string) => `${url}?sslmode=verify-full`, /does not support SSL/],
  ])('refuses %s at once, and shows no password', async (_, change, why) => {
    const opening = openPostgresStores({ databaseUrl: change(test.current.databaseUrl), limits, say });
    const error = (await opening.catch((refusal: unknown) => refusal)) as Error;
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringMatching(why) });
    for (const text of [error.message, error.stack, ...said]) expect(text).not.toMatch(new RegExp(`${password}|wr0ng`));
  });

  it('waits for a server that is not there yet, and gives up in one sentence', async () => {
    await server.kill();
    const { databaseUrl } = test.current;
    await expect(openPostgresStores({ databaseUrl, limits, say })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(
        /^cannot use the database .*ECONNREFUSED.*; start PostgreSQL, or point DATABASE_URL/,
      ),
    });
    const patient = openPostgresStores({ databaseUrl, limits: { ...limits, storeOpenWaitMs: 30_000 }, say });
    await until('it waits', () => said.filter((sentence) => sentence.endsWith('waiting for it')).length === 2);
    await server.restart();
    const stores = await patient;
    expect(await stores.incarnations.next('x')).toBe(1n);
    await stores.close();
  });

  it('refuses while the server is away, and goes on by itself when it is back', async () => {
    await insert(1);
    await server.kill();
    await expect(insert(2)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(insert(2)).rejects.toMatchObject({ code: 'unavailable' });
    expect(said).toEqual([
      expect.stringMatching(/^the database cannot do it now: .*; it is tried again with each request$/),
    ]);
    await server.restart();
    await until('it is there again', () =>
      insert(2).then(
        () => true,
        () => false,
      ),
    );
    expect(said[1]).toBe('the store is there again');
    expect(await test.current.stores.activations.count({ namespace: 'guest', skip: 0 })).toBe(2);
  });

  it('gives up a server that stands still, on a bound, and goes on when it moves again', async () => {
    await insert(1);
    server.pause();
    try {
      await expect(insert(2)).rejects.toMatchObject({ code: 'unavailable' });
    } finally {
      server.resume();
    }
    await until('it is there again', () =>
      insert(2).then(
        () => true,
        () => false,
      ),
    );
  });

  it('gives up a statement that waits too long for somebody else, and undoes it', async () => {
    await insert(1);
    const { databaseUrl, stores } = test.current;
    const holding = server.ask('begin; lock table queue; select pg_sleep(1.5)', databaseUrl);
    await until('the lock is held', async () => {
      const held = await server.ask(
        "select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted",
        databaseUrl,
      );
      return held.length > 0;
    });
    await expect(stores.queue.enqueue([invocationOf(1)], 10)).rejects.toMatchObject({ code: 'unavailable' });
    await holding;
    expect(await stores.queue.counts()).toEqual({ queued: 0, claimed: 0, started: 0 });
  });

  it('keeps no key in the database', async () => {
    const key = 'k'.repeat(63) + 'Z';
    await test.current.stores.subjects.seed({ subject: 'guest', namespace: 'guest', uuid: 'some-uuid', key });
    const rows = await server.ask('select * from subjects', test.current.databaseUrl);
    expect(JSON.stringify(rows)).toContain('some-uuid');
    expect(JSON.stringify(rows)).not.toContain(key);
  });
});
