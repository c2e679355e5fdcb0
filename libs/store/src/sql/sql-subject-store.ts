// Subjects in SQL: one row for each credential.
//
// A key is stored as SHA-256 of a salt and `uuid:key` only. A slow hash would add nothing: keys are 64 random characters, which nobody can
// enumerate.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Identity, NamespaceLimits } from '#entity';
import { StoreError } from '../errors';
import type {
  CredentialWrite,
  NamespaceOwner,
  StoredCredential,
  StoredSubject,
  SubjectStore,
  SubjectWrite,
} from '../subject-store';
import type { Database, SubjectTable } from './tables';

const saltBytes = 16;
const credentialColumns = ['subject', 'namespace', 'uuid', 'sealed_key'] as const;

export class SqlSubjectStore implements SubjectStore {
  constructor(private readonly database: Database) {}

  async authenticate(uuid: string, key: string): Promise<Identity | undefined> {
    const row = await this.database
      .selectFrom('subjects')
      .leftJoin('namespace_limits', 'namespace_limits.namespace', 'subjects.namespace')
      .select([
        'subjects.subject',
        'subjects.namespace',
        'subjects.key_salt',
        'subjects.key_hash',
        'subjects.blocked',
        'namespace_limits.limits',
      ])
      .where('subjects.uuid', '=', uuid)
      .executeTakeFirst();
    const given = keyHash(row?.key_salt ?? '', uuid, key);
    // An unknown uuid is compared as well, with what cannot be equal, so that it takes as long as a wrong key.
    const known = row ? Buffer.from(row.key_hash, 'hex') : Buffer.alloc(given.length);
    if (!timingSafeEqual(given, known) || !row || row.blocked !== 0) return undefined;
    const { subject, namespace } = row;
    return { subject, namespace, uuid, apiKey: `${uuid}:${key}`, limits: readLimits(namespace, row.limits) };
  }

  async ofNamespace(namespace: string): Promise<NamespaceOwner | undefined> {
    const rows = await this.credentialsOf(namespace);
    const row = rows.find(({ subject }) => subject === namespace) ?? rows[0];
    return row && { ...row, apiKey: '', limits: (await this.limitsOf(namespace)) ?? {} };
  }

  async seed(write: SubjectWrite, limits?: NamespaceLimits): Promise<void> {
    await this.database.transaction().execute(async (transaction) => {
      await insertCredential(transaction, write);
      if (!limits) return;
      const { namespace } = write;
      const insert = transaction.insertInto('namespace_limits').values({ namespace, limits: JSON.stringify(limits) });
      await insert.onConflict((clash) => clash.doNothing()).execute();
    });
  }

  create(write: SubjectWrite, replaces: boolean): Promise<CredentialWrite> {
    const { subject, namespace, uuid } = write;
    return this.database.transaction().execute(async (transaction) => {
      const rows = await transaction
        .selectFrom('subjects')
        .select(['subject', 'namespace', 'uuid', 'blocked'])
        .where((row) => row.or([row('subject', '=', subject), row('uuid', '=', uuid)]))
        .execute();
      const own = rows.filter((row) => row.subject === subject);
      if (own.some(({ blocked }) => blocked !== 0)) return 'blocked';
      const there = own.find((row) => row.namespace === namespace);
      if (there && !replaces) return 'exists';
      if (rows.some((row) => row.uuid === uuid && row !== there)) return 'uuid-taken';
      if (there) await transaction.deleteFrom('subjects').where('uuid', '=', there.uuid).execute();
      // Somebody else may have been as fast.
      return (await insertCredential(transaction, write)) ? 'written' : 'exists';
    });
  }

  async subject(subject: string): Promise<StoredSubject | undefined> {
    const rows = await this.database
      .selectFrom('subjects')
      .select([...credentialColumns, 'blocked'])
      .where('subject', '=', subject)
      .orderBy('namespace')
      .execute();
    if (rows.length === 0) return undefined;
    return { isBlocked: rows.some(({ blocked }) => blocked !== 0), credentials: rows.map(credential) };
  }

  async credentialsOf(namespace: string): Promise<StoredCredential[]> {
    const rows = await this.database
      .selectFrom('subjects')
      .select(credentialColumns)
      .where('namespace', '=', namespace)
      .where('blocked', '=', 0)
      .orderBy('subject')
      .execute();
    return rows.map(credential);
  }

  async remove(subject: string, namespace?: string): Promise<number> {
    const ofSubject = this.database.deleteFrom('subjects').where('subject', '=', subject);
    const removal = namespace === undefined ? ofSubject : ofSubject.where('namespace', '=', namespace);
    return Number((await removal.executeTakeFirst()).numDeletedRows);
  }

  async setBlocked(subject: string, isBlocked: boolean): Promise<boolean> {
    const update = this.database.updateTable('subjects').set({ blocked: isBlocked ? 1 : 0 });
    const { numUpdatedRows } = await update.where('subject', '=', subject).executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async limitsOf(namespace: string): Promise<NamespaceLimits | undefined> {
    const row = await this.database
      .selectFrom('namespace_limits')
      .select('limits')
      .where('namespace', '=', namespace)
      .executeTakeFirst();
    return row && readLimits(namespace, row.limits);
  }

  async setLimits(namespace: string, limits: NamespaceLimits): Promise<void> {
    const text = JSON.stringify(limits);
    const insert = this.database.insertInto('namespace_limits').values({ namespace, limits: text });
    await insert.onConflict((clash) => clash.column('namespace').doUpdateSet({ limits: text })).execute();
  }

  async removeLimits(namespace: string): Promise<boolean> {
    const removal = this.database.deleteFrom('namespace_limits').where('namespace', '=', namespace);
    return (await removal.executeTakeFirst()).numDeletedRows > 0n;
  }
}

/** False: there is one of that uuid, or of that subject for that namespace; it stays. */
async function insertCredential(
  database: Database,
  { subject, namespace, uuid, key, sealedKey }: SubjectWrite,
): Promise<boolean> {
  const salt = randomBytes(saltBytes).toString('hex');
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('subjects')
    .values({
      ...{ uuid, subject, namespace, blocked: 0 },
      ...{ key_salt: salt, key_hash: keyHash(salt, uuid, key).toString('hex'), sealed_key: sealedKey ?? null },
    })
    .onConflict((clash) => clash.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

function credential({
  subject,
  namespace,
  uuid,
  sealed_key,
}: Pick<Selectable<SubjectTable>, (typeof credentialColumns)[number]>): StoredCredential {
  return { subject, namespace, uuid, sealedKey: sealed_key ?? undefined };
}

function keyHash(salt: string, uuid: string, key: string): Buffer {
  return createHash('sha256').update(`${salt}${uuid}:${key}`).digest();
}

function readLimits(namespace: string, text: string | null): NamespaceLimits {
  if (text === null) return {};
  try {
    return JSON.parse(text) as NamespaceLimits;
  } catch (error) {
    throw new StoreError('corrupt', `cannot read the limits of ${namespace}: they are no JSON.`, { cause: error });
  }
}
