// Lists, claims and look-ups go by an index: none scans a table or sorts more than what has the same time. The statements; each database's spec
// asks for their plans.
import type { CompiledQuery } from 'kysely';
import type { DatabaseUnderTest } from '../sql/database-under-test';
import { migrate } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';

const page = { namespace: 'guest', skip: 0, limit: 30 };

const asks: [string, (stores: ReturnType<typeof sqlStores>) => Promise<unknown>][] = [
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
  ['activations since', ({ activations }) => activations.list({ ...page, since: 1 })],
  ['activations of a name in any package', ({ activations }) => activations.list({ ...page, name: 'a' })],
  [
    'activations of a name in no package',
    ({ activations }) => activations.list({ ...page, name: 'a', packageName: null }),
  ],
  [
    'activations of a name in a package',
    ({ activations }) => activations.list({ ...page, name: 'a', packageName: 'p', upto: 2 }),
  ],
  ['activations deep in the list', ({ activations }) => activations.list({ ...page, skip: 100_000 })],
  ['activations whole', ({ activations }) => activations.listRecords({ ...page, name: 'a', since: 1, upto: 2 })],
  ['number of activations', ({ activations }) => activations.count({ namespace: 'guest', skip: 0, since: 1 })],
  ['number of activations of a name', ({ activations }) => activations.count({ ...page, name: 'a', packageName: 'p' })],
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
];

/** Each by its name, with the statements that it sends. `make` gives a database that tells its statements to `log`. */
export async function dataStatements(
  make: (log: (event: { query: CompiledQuery }) => void) => Promise<DatabaseUnderTest>,
): Promise<{ under: DatabaseUnderTest; statements: [string, CompiledQuery][] }> {
  const sent: CompiledQuery[] = [];
  const under = await make(({ query }) => sent.push(query));
  await migrate(under.database, under.differences, 'test');
  const stores = sqlStores(under.database, under.differences);
  const statements: [string, CompiledQuery][] = [];
  for (const [name, ask] of asks) {
    sent.length = 0;
    await ask(stores);
    const data = sent.filter(({ sql }) => /^(select|update|delete)/.test(sql) && /"|rowid/.test(sql));
    expect(data).not.toHaveLength(0);
    for (const query of data) statements.push([name, query]);
  }
  return { under, statements };
}
