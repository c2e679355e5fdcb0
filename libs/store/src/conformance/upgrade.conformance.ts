// A database that an older Hearth made, of every schema that there was: it is filled as that one did, migrated, and read through the stores.
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { DatabaseUnderTest } from '../sql/database-under-test';
import { migrate, migrations } from '../sql/migrate';
import { sqlStores } from '../sql/sql-stores';
import { epochMs, idOf } from './records';

const uuid = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502';
const key = 'k'.repeat(64);
const hash = createHash('sha256').update(`${uuid}:${key}`).digest('hex');
const [first, second] = [idOf(1), idOf(2, epochMs + 86_400_000)];

/** In the columns of the first schema, which all later ones have, too. */
const rows = [
  sql`insert into entities (path, name, namespace, collection, revision, updated, sequence, document)
    values ('guest', 'hello', 'guest', 'actions', 3, ${epochMs}, 5, '{"a":1}')`,
  sql`insert into entity_code (path, name, code) values ('guest', 'hello', 'function main() {}')`,
  sql`insert into deleted_entities (path, name, revision) values ('guest', 'gone', 7)`,
  sql`insert into subjects (uuid, subject, namespace, key_hash, blocked) values (${uuid}, 'guest', 'guest', ${hash}, 0)`,
  sql`insert into namespace_limits (namespace, limits) values ('guest', '{"firesPerMinute":3}')`,
  ...[first, second].map(
    (id, at) => sql`insert into activations
      (namespace, activation_id, accepted_at, start_at, end_at, name, package_name, status_code, summary, record) values
      ('guest', ${id}, ${epochMs + at * 86_400_000}, ${epochMs + at}, ${epochMs + 9}, 'hello', ${at === 0 ? null : 'pkg'}, 0, ${`{"n":${at}}`}, ${`{"whole":${at}}`})`,
  ),
  sql`insert into queue (activation_id, namespace, accepted_at, state, enqueued_at, attempt, invocation)
    values (${idOf(3)}, 'guest', ${epochMs}, 'queued', ${epochMs}, 0, '{}')`,
  sql`insert into activation_logs (namespace, activation_id, lines) values ('guest', ${first}, '["one"]')`,
  sql`insert into counters (name, value) values ('entities', 5), ('incarnation:c0', 41)`,
];

/** `make` gives a database without tables. */
export function describeUpgrade(make: () => Promise<DatabaseUnderTest>): void {
  const older = migrations.slice(0, -1).map((_, index) => index + 1);
  it.each(older)('migrates a database of schema %i with all that is in it', async (version) => {
    const { database, differences } = await make();
    await migrate(database, differences, 'test', migrations.slice(0, version));
    for (const row of rows) await row.execute(database);
    await migrate(database, differences, 'test');
    const { artifacts, subjects, activations, queue, logs, incarnations } = sqlStores(database, differences);
    const id = { path: 'guest', name: 'hello' };
    expect(await artifacts.get(id)).toMatchObject({ revision: 3, updated: epochMs, document: { a: 1 } });
    expect(await artifacts.code(id, 3)).toBe('function main() {}');
    const again = {
      path: 'guest',
      name: 'gone',
      collection: 'actions',
      document: {},
      updated: 1,
      replaces: undefined,
    } as const;
    expect(await artifacts.put(again)).toMatchObject({ revision: 8 });
    expect(await subjects.authenticate(uuid, key)).toMatchObject({ namespace: 'guest', limits: { firesPerMinute: 3 } });
    const page = { namespace: 'guest', skip: 0, limit: 9 };
    expect(await activations.list(page)).toEqual(['{"n":1}', '{"n":0}']);
    expect(await activations.list({ ...page, name: 'hello', packageName: 'pkg' })).toEqual(['{"n":1}']);
    expect(await activations.get('guest', second)).toBe('{"whole":1}');
    expect(await logs.read('guest', first)).toEqual(['one']);
    await logs.append([{ namespace: 'guest', activationId: first, lines: ['two'] }]);
    expect(await logs.read('guest', first)).toEqual(['one', 'two']);
    expect(await queue.claim('me', 9, 1_000)).toMatchObject([{ activationId: idOf(3), attempt: 1, lost: 0 }]);
    expect(await incarnations.next('c0')).toBe(42n);
    await database.destroy();
  });
}
