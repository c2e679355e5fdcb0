// Subjects in SQL.
//
// A key is stored as SHA-256 of a salt and `uuid:key` only. A slow hash would add nothing: keys are 64 random characters, which nobody can
// enumerate.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Identity, NamespaceLimits } from '#entity';
import { StoreError } from '../errors';
import type { SubjectStore, SubjectWrite } from '../subject-store';
import type { Database } from './tables';

const saltBytes = 16;

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

  async ofNamespace(namespace: string): Promise<Identity | undefined> {
    const rows = await this.database
      .selectFrom('subjects')
      .leftJoin('namespace_limits', 'namespace_limits.namespace', 'subjects.namespace')
      .select(['subjects.subject', 'subjects.uuid', 'namespace_limits.limits'])
      .where('subjects.namespace', '=', namespace)
      .where('subjects.blocked', '=', 0)
      .orderBy('subjects.subject')
      .execute();
    const row = rows.find(({ subject }) => subject === namespace) ?? rows[0];
    if (!row) return undefined;
    return { subject: row.subject, namespace, uuid: row.uuid, apiKey: '', limits: readLimits(namespace, row.limits) };
  }

  async seed({ subject, namespace, uuid, key }: SubjectWrite, limits?: NamespaceLimits): Promise<void> {
    const salt = randomBytes(saltBytes).toString('hex');
    const hash = keyHash(salt, uuid, key).toString('hex');
    await this.database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('subjects')
        .values({ uuid, subject, namespace, key_salt: salt, key_hash: hash, blocked: 0 })
        .onConflict((clash) => clash.doNothing())
        .execute();
      if (!limits) return;
      const insert = transaction.insertInto('namespace_limits').values({ namespace, limits: JSON.stringify(limits) });
      await insert.onConflict((clash) => clash.doNothing()).execute();
    });
  }

  async setLimits(namespace: string, limits: NamespaceLimits): Promise<void> {
    const text = JSON.stringify(limits);
    const insert = this.database.insertInto('namespace_limits').values({ namespace, limits: text });
    await insert.onConflict((clash) => clash.column('namespace').doUpdateSet({ limits: text })).execute();
  }
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
