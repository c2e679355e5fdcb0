// Lists, claims and look-ups go by an index: none scans a table or sorts more than what has the same time.
import { type CompiledQuery, Kysely } from 'kysely';
import { systemClock } from '#clock';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import type { Tables } from '../sql/tables';
import { LibsqlDatabase } from './libsql-database';
import { LibsqlDialect } from './libsql-dialect';
import { sqliteDifferences } from './sqlite-differences';

const page = { namespace: 'guest', skip: 0, limit: 30 };

it.each<[string, (stores: ReturnType<typeof sqlStores>) => Promise<unknown>]>([
  ['entities of a namespace', ({ artifacts }) => artifacts.list({ ...page, collection: 'actions' })],
  ['entities of a package', ({ artifacts }) => artifacts.list({ ...page, collection: 'actions', packageName: 'p' })],
  ['shared packages', ({ artifacts }) => artifacts.list({ ...page, collection: 'packages', isShared: true })],
  ['one entity', ({ artifacts }) => artifacts.get({ path: 'guest', name: 'a' })],
  ['code', ({ artifacts }) => artifacts.code({ path: 'guest', name: 'a' }, 1)],
  ['activations', ({ activations }) => activations.list(page)],
  [
    'activations of a name',
    ({ activations }) => activations.list({ ...page, name: 'a', packageName: 'p', since: 1, upto: 2 }),
  ],
  ['one activation', ({ activations }) => activations.get('guest', 'a')],
  ['alarms that are due', ({ alarms }) => alarms.due(1, 1)],
  ['the next alarm', ({ alarms }) => alarms.nextDueAt()],
  ['one alarm', ({ alarms }) => alarms.get('guest', 't')],
  ['alarms of a namespace', ({ alarms }) => alarms.count('guest')],
  ['logs', ({ logs }) => logs.read('guest', 'a')],
  ['a claim', ({ queue }) => queue.claim('me', 5, 1)],
  ['rows that still wait', ({ queue }) => queue.stillQueued(['a', 'b'])],
  ['overdue rows', ({ queue }) => queue.started({ owners: ['me'], overdueGraceMs: 1 })],
  ['authentication', ({ subjects }) => subjects.authenticate('uuid', 'key')],
  ['the owner of a namespace', ({ subjects }) => subjects.ofNamespace('guest')],
  ['a subject', ({ subjects }) => subjects.subject('guest')],
  ['the end of a subject', ({ subjects }) => subjects.remove('guest')],
  ['blocking', ({ subjects }) => subjects.setBlocked('guest', true)],
])('%s', async (_, ask) => {
  const connection = new LibsqlDatabase(':memory:', 100, 100);
  const queries: CompiledQuery[] = [];
  const log = (event: { query: CompiledQuery }): void => void queries.push(event.query);
  const database = new Kysely<Tables>({ dialect: new LibsqlDialect(connection), log });
  const differences = sqliteDifferences(connection, systemClock);
  await migrate(database, differences, ':memory:');
  queries.length = 0;
  await ask(sqlStores(database, differences));
  const data = queries.filter(({ sql }) => /^(select|update|delete)/.test(sql));
  expect(data).not.toHaveLength(0);
  for (const { sql, parameters } of data) {
    const plan = connection.prepare(`explain query plan ${sql}`).all([...parameters]) as { detail: string }[];
    for (const { detail } of plan) expect(detail).not.toMatch(/^SCAN|USE TEMP B-TREE FOR ORDER BY$/);
  }
  await database.destroy();
});
