// Partitions of days: made before they are needed, dropped when they are over, with the time moved by hand.
import { sql } from 'kysely';
import { ManualClock } from '#clock';
import { PostgresServer } from '../../../../test/support/postgres-server';
import { idOf, recordOf } from '../conformance/records';
import { type DatabaseUnderTest, postgresOf } from '../sql/database-under-test';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import { dayMs, partitionOf } from './partitions';
import { PostgresRetention } from './postgres-retention';
import { makePartition } from './postgres-schema';

let server: PostgresServer;
let clock: ManualClock;
let under: DatabaseUnderTest;
let retention: PostgresRetention;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server.end());
beforeEach(async () => {
  clock = new ManualClock();
  under = await postgresOf(server, clock);
  await migrate(under.database, under.differences, 'test');
  retention = new PostgresRetention(under.database, under.differences);
});
afterEach(() => under.database.destroy());

const stores = () => sqlStores(under.database, under.differences);
const insert = (index: number, acceptedAt = clock.wallMs()) =>
  stores().activations.insert([recordOf(index, { activationId: idOf(index, acceptedAt), start: acceptedAt })]);
const count = () => stores().activations.count({ namespace: 'guest', skip: 0 });
const log = (name: string) => stores().logs.append([{ namespace: 'guest', activationId: name, lines: [name] }]);
const rows = async (table: string): Promise<number> =>
  Number((await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(under.database)).rows[0]!.n);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');

it('makes the partitions of today and the next two days, once, and puts each record into its day', async () => {
  await Promise.all([retention.prepare(), retention.prepare()]);
  await retention.prepare();
  const today = clock.wallMs();
  for (const days of [0, 1, 2, 3]) await insert(days, today + days * dayMs);
  for (const days of [0, 1, 2]) expect(await rows(`activations_${dayOf(today + days * dayMs)}`)).toBe(1);
  expect(await rows('activations_rest')).toBe(1);
  expect(await stores().activations.get('guest', idOf(3, today + 3 * dayMs))).toBeDefined();
});

it('makes no partition a second time that another process has made since it looked', async () => {
  const today = partitionOf('activations', clock.wallMs());
  for (let time = 0; time < 2; time += 1)
    await under.database.transaction().execute((transaction) => makePartition(transaction, 'activations', today));
  await insert(1);
  expect(await rows(today.name)).toBe(1);
});

it('gives a new partition what the rest held of its day', async () => {
  await insert(1);
  await log('a');
  expect(await rows('activations_rest')).toBe(1);
  await retention.prepare();
  expect([await rows('activations_rest'), await rows('activation_logs_rest')]).toEqual([0, 0]);
  expect(await rows(`activations_${dayOf(clock.wallMs())}`)).toBe(1);
  await insert(1);
  expect(await count()).toBe(1);
  expect(await stores().logs.read('guest', 'a')).toEqual(['a']);
});

it('drops a day, records and logs, once all of it is too old, and keeps the others', async () => {
  const first = clock.wallMs();
  for (let day = 0; day < 9; day += 1) {
    await retention.sweep(7 * dayMs, 10);
    await insert(day);
    await log(`day${day}`);
    clock.advance(dayMs);
  }
  // After nine days the first two are over for seven days, to the last moment.
  expect(await retention.sweep(7 * dayMs, 10)).toBe(false);
  expect(await count()).toBe(7);
  expect(await stores().activations.get('guest', idOf(0, first))).toBeUndefined();
  expect(await stores().logs.read('guest', 'day1')).toEqual([]);
  expect(await stores().logs.read('guest', 'day2')).toEqual(['day2']);
  const names = await sql<{
    name: string;
  }>`select relname::text as name from pg_class where relkind = 'r' and relname like 'activation%'`.execute(
    under.database,
  );
  expect(names.rows.map(({ name }) => name)).not.toContain(`activations_${dayOf(first)}`);
});

it('does not wait long for whoever reads, and does it the next time', async () => {
  await retention.prepare();
  await insert(1);
  clock.advance(30 * dayMs);
  await retention.prepare();
  const reading = under.database.transaction().execute(async (transaction) => {
    await transaction.selectFrom('activations').select('name').execute();
    await expect(retention.sweep(7 * dayMs, 10)).rejects.toMatchObject({ code: 'unavailable' });
  });
  await reading;
  await retention.sweep(7 * dayMs, 10);
  expect(await count()).toBe(0);
});
