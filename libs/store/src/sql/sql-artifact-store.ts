// Entities in SQL. Guarantees are those of the seam (artifact-store.ts).
//
// Every write first takes the next number of one counter: that orders writes of the same millisecond for lists, and it lets only one
// transaction at a time write entities, so that comparing a revision and replacing it cannot be torn apart.
import {
  type ArtifactStore,
  type EntityChange,
  type EntityId,
  type EntityQuery,
  type EntityWrite,
  type StoredEntity,
} from '../artifact-store';
import { StoreError } from '../errors';
import { nextCount } from './counter';
import type { Differences } from './differences';
import type { Database, EntityTable } from './tables';

type EntityRow = Omit<EntityTable, 'namespace' | 'sequence' | 'shared'>;
const columns = ['path', 'name', 'collection', 'revision', 'updated', 'document'] as const;

export class SqlArtifactStore implements ArtifactStore {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  async get({ path, name }: EntityId): Promise<StoredEntity | undefined> {
    const query = this.database
      .selectFrom('entities')
      .select(columns)
      .where('path', '=', path)
      .where('name', '=', name);
    const row = await query.executeTakeFirst();
    return row && storedEntity(row);
  }

  async code({ path, name }: EntityId, revision: number): Promise<string | undefined> {
    const row = await this.database
      .selectFrom('entity_code')
      .innerJoin('entities', (join) =>
        join.onRef('entities.path', '=', 'entity_code.path').onRef('entities.name', '=', 'entity_code.name'),
      )
      .select('entity_code.code')
      .where('entity_code.path', '=', path)
      .where('entity_code.name', '=', name)
      .where('entities.revision', '=', revision)
      .executeTakeFirst();
    return row?.code;
  }

  put(write: EntityWrite): Promise<StoredEntity> {
    return this.write((transaction) => putOne(transaction, write));
  }

  remove(id: EntityId, revision: number): Promise<void> {
    return this.write((transaction) => removeOne(transaction, id, revision));
  }

  change(changes: readonly EntityChange[]): Promise<(StoredEntity | undefined)[]> {
    return this.write(async (transaction) => {
      const stored: (StoredEntity | undefined)[] = [];
      for (const change of changes) {
        if ('put' in change) stored.push(await putOne(transaction, change.put));
        else stored.push((await removeOne(transaction, change.remove, change.revision), undefined));
      }
      return stored;
    });
  }

  async list(query: EntityQuery): Promise<StoredEntity[]> {
    const rows = await this.matching(query)
      .select(columns)
      .orderBy('updated', 'desc')
      .orderBy('sequence', 'desc')
      .limit(query.limit)
      .offset(query.skip)
      .execute();
    return rows.map(storedEntity);
  }

  async count(query: Omit<EntityQuery, 'limit'>): Promise<number> {
    const { total } = await this.matching(query)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return Math.max(0, Number(total) - query.skip);
  }

  private matching({ collection, namespace, packageName, isShared }: Omit<EntityQuery, 'limit'>) {
    const all = this.database.selectFrom('entities').where('collection', '=', collection);
    if (isShared) return all.where('namespace', '=', namespace).where('shared', '=', 1);
    return packageName === undefined
      ? all.where('namespace', '=', namespace)
      : all.where('path', '=', `${namespace}/${packageName}`);
  }

  /** Entities are written rarely and by hand: they survive the loss of the machine too. */
  private write<Result>(work: (transaction: Database) => Promise<Result>): Promise<Result> {
    return this.differences.durably(this.database, () => this.database.transaction().execute(work));
  }
}

async function putOne(transaction: Database, write: EntityWrite): Promise<StoredEntity> {
  const { path, name, collection, updated } = write;
  const sequence = Number(await nextCount(transaction, 'entities'));
  const stored = await storedRevision(transaction, write);
  if (stored && write.replaces === undefined) {
    throw new StoreError(
      'exists',
      `cannot create ${path}/${name}: revision ${stored.revision} of it is stored; replace that.`,
    );
  }
  if (write.replaces !== undefined && (stored?.revision !== write.replaces || stored.collection !== collection)) {
    throw conflict(write, write.replaces, stored);
  }
  const last = stored?.revision ?? (await deletedRevision(transaction, write)) ?? 0;
  const shared = write.isShared ? 1 : 0;
  const row: EntityRow = {
    path,
    name,
    collection,
    revision: last + 1,
    updated,
    document: JSON.stringify(write.document),
  };
  if (stored) {
    const { revision, document } = row;
    const change = transaction.updateTable('entities').set({ revision, updated, sequence, document, shared });
    await change.where('path', '=', path).where('name', '=', name).execute();
  } else {
    const namespace = path.split('/', 1)[0]!;
    await transaction
      .insertInto('entities')
      .values({ ...row, namespace, sequence, shared })
      .execute();
    await transaction.deleteFrom('deleted_entities').where('path', '=', path).where('name', '=', name).execute();
  }
  await putCode(transaction, write);
  return storedEntity(row);
}

async function removeOne(transaction: Database, id: EntityId, revision: number): Promise<void> {
  const { path, name } = id;
  await nextCount(transaction, 'entities');
  const stored = await storedRevision(transaction, id);
  if (stored?.revision !== revision) throw conflict(id, revision, stored);
  await transaction.deleteFrom('entities').where('path', '=', path).where('name', '=', name).execute();
  await transaction.deleteFrom('entity_code').where('path', '=', path).where('name', '=', name).execute();
  await transaction.insertInto('deleted_entities').values({ path, name, revision }).execute();
}

function storedRevision(transaction: Database, { path, name }: EntityId) {
  const query = transaction.selectFrom('entities').select(['revision', 'collection']);
  return query.where('path', '=', path).where('name', '=', name).executeTakeFirst();
}

async function deletedRevision(transaction: Database, { path, name }: EntityId): Promise<number | undefined> {
  const query = transaction
    .selectFrom('deleted_entities')
    .select('revision')
    .where('path', '=', path)
    .where('name', '=', name);
  return (await query.executeTakeFirst())?.revision;
}

async function putCode(transaction: Database, { path, name, code }: EntityWrite): Promise<void> {
  if (code === undefined) return;
  if (code === null) {
    await transaction.deleteFrom('entity_code').where('path', '=', path).where('name', '=', name).execute();
    return;
  }
  const insert = transaction.insertInto('entity_code').values({ path, name, code });
  await insert.onConflict((clash) => clash.columns(['path', 'name']).doUpdateSet({ code })).execute();
}

function conflict(
  { path, name }: EntityId,
  named: number,
  stored: Pick<EntityRow, 'revision' | 'collection'> | undefined,
): StoreError {
  const found = stored ? `revision ${stored.revision} in ${stored.collection} is stored` : 'nothing is stored';
  return new StoreError('conflict', `cannot change revision ${named} of ${path}/${name}: ${found}; read it again.`);
}

function storedEntity({ path, name, collection, revision, updated, document }: EntityRow): StoredEntity {
  const facts = { path, name, collection, revision, updated };
  try {
    return { ...facts, document: JSON.parse(document) as Record<string, unknown> };
  } catch {
    // Whoever wants to read it is told; who replaces or removes it need not.
    return { ...facts, document: {}, isDamaged: true };
  }
}
