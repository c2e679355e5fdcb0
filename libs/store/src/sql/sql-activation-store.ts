// Activation records in SQL. Guarantees are those of the seam (activation-store.ts).
import type { SelectQueryBuilder } from 'kysely';
import type { ActivationQuery, ActivationRow, ActivationStore } from '../activation-store';
import { StoreError } from '../errors';
import { inChunks } from './chunks';
import type { Differences } from './differences';
import { settle } from './settle';
import type { ActivationTable, Database, Tables } from './tables';

/**
 * Inserts what is not there yet, and settles what is to be settled with it. In one order, and queue rows before records: two transactions
 * with the same ones never wait for each other.
 */
export async function insertRecords(
  transaction: Database,
  differences: Differences,
  rows: readonly ActivationRow[],
): Promise<void> {
  const ordered = [...rows].sort(byId);
  const kept: ActivationRow[] = [];
  await inChunks(ordered, async (chunk) => {
    const settled = await settle(transaction, differences, chunk);
    kept.push(...settled.filter(({ isUnkept }) => !isUnkept));
  });
  await differences.insertActivations(
    transaction,
    kept.map((row) => tableRow(row, differences)),
  );
}

export class SqlActivationStore implements ActivationStore {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  async insert(rows: readonly ActivationRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.database.transaction().execute((transaction) => insertRecords(transaction, this.differences, rows));
  }

  async get(namespace: string, activationId: string): Promise<string | undefined> {
    let query = this.database
      .selectFrom('activations')
      .select('record')
      .where('namespace', '=', namespace)
      .where('activation_id', '=', activationId);
    // Then one partition is looked into, of all.
    if (this.differences.isPartitioned) query = query.where('accepted_at', '=', acceptTimeOf(activationId));
    const row = await query.executeTakeFirst();
    if (row && !isJson(row.record))
      throw new StoreError('corrupt', `cannot read the record of ${activationId}: it is no JSON.`);
    return row?.record;
  }

  async list(query: ActivationQuery): Promise<string[]> {
    const rows = await newestFirst(this.matching(query).select('summary'), query).execute();
    return rows.map(({ summary }) => summary).filter(isJson);
  }

  async listRecords(query: ActivationQuery): Promise<string[]> {
    const rows = await newestFirst(this.matching(query).select('record'), query).execute();
    return rows.map(({ record }) => record).filter(isJson);
  }

  async count(query: Omit<ActivationQuery, 'limit'>): Promise<number> {
    const { total } = await this.matching(query)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return Math.max(0, Number(total) - query.skip);
  }

  private matching({ namespace, name, packageName, since, upto }: Omit<ActivationQuery, 'limit'>) {
    let query = this.database.selectFrom('activations').where('namespace', '=', namespace);
    if (name !== undefined) query = query.where('name', '=', name);
    if (packageName === null) query = query.where('package_name', 'is', null);
    else if (packageName !== undefined) query = query.where('package_name', '=', packageName);
    if (since !== undefined) query = query.where('start_at', '>=', since);
    if (upto !== undefined) query = query.where('start_at', '<=', upto);
    return query;
  }
}

/** Texts go out as they are, in the midst of others: one that is broken must break none but itself. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The answer to the question.
    return false;
  }
}

function tableRow(row: ActivationRow, { isPartitioned }: Differences): ActivationTable {
  return {
    namespace: row.namespace,
    activation_id: row.activationId,
    // As a part of the key it must be the same each time that an id comes.
    accepted_at: isPartitioned ? acceptTimeOf(row.activationId) : row.acceptedAt,
    start_at: row.start,
    end_at: row.end ?? null,
    name: row.name,
    package_name: row.packageName ?? null,
    status_code: row.statusCode,
    summary: row.summary,
    record: row.record,
  };
}

function byId(left: ActivationRow, right: ActivationRow): number {
  if (left.activationId !== right.activationId) return left.activationId < right.activationId ? -1 : 1;
  return left.namespace < right.namespace ? -1 : left.namespace > right.namespace ? 1 : 0;
}

/** Ids begin with the accept time, so they order what started in one millisecond. */
function newestFirst<Selected>(
  query: SelectQueryBuilder<Tables, 'activations', Selected>,
  { skip, limit }: ActivationQuery,
): SelectQueryBuilder<Tables, 'activations', Selected> {
  return query.orderBy('start_at', 'desc').orderBy('activation_id', 'desc').limit(limit).offset(skip);
}

/** The time that an id carries; for what is no id, one at which nothing was accepted. */
function acceptTimeOf(activationId: string): number {
  return /^[0-9a-f]{12}/.test(activationId) ? Number.parseInt(activationId.slice(0, 12), 16) : -1;
}
