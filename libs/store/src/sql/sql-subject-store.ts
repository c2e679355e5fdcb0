// Subjects in SQL.
//
// A key is stored as SHA-256 of `uuid:key` only. A slow hash would add nothing: keys are 64 random characters, which nobody can
// enumerate, and the uuid in front keeps equal keys from having equal hashes.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Identity, NamespaceLimits } from '#entity';
import { StoreError } from '../errors';
import type { SubjectStore, SubjectWrite } from '../subject-store';
import type { Database } from './tables';

export class SqlSubjectStore implements SubjectStore {
  constructor(private readonly database: Database) {}

  async authenticate(uuid: string, key: string): Promise<Identity | undefined> {
    const row = await this.database
      .selectFrom('subjects')
      .leftJoin('namespace_limits', 'namespace_limits.namespace', 'subjects.namespace')
      .select([
        'subjects.subject',
        'subjects.namespace',
        'subjects.key_hash',
        'subjects.blocked',
        'namespace_limits.limits',
      ])
      .where('subjects.uuid', '=', uuid)
      .executeTakeFirst();
    const given = keyHash(uuid, key);
    // An unknown uuid is compared as well, with what cannot be equal, so that it takes as long as a wrong key.
    const known = row ? Buffer.from(row.key_hash, 'hex') : Buffer.alloc(given.length);
    if (!timingSafeEqual(given, known) || !row || row.blocked !== 0) return undefined;
    const { subject, namespace } = row;
    return { subject, namespace, uuid, apiKey: `${uuid}:${key}`, limits: readLimits(namespace, row.limits) };
  }

  async seed({ subject, namespace, uuid, key }: SubjectWrite, limits?: NamespaceLimits): Promise<void> {
    await this.database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('subjects')
        .values({ uuid, subject, namespace, key_hash: keyHash(uuid, key).toString('hex'), blocked: 0 })
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

function keyHash(uuid: string, key: string): Buffer {
  return createHash('sha256').update(`${uuid}:${key}`).digest();
}

function readLimits(namespace: string, text: string | null): NamespaceLimits {
  if (text === null) return {};
  try {
    return JSON.parse(text) as NamespaceLimits;
  } catch (error) {
    throw new StoreError('corrupt', `cannot read the limits of ${namespace}: they are no JSON.`, { cause: error });
  }
}
