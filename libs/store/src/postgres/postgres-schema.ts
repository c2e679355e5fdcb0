// What of the schema is PostgreSQL's own: advisory locks, and tables that are partitioned by time.
import { sql } from 'kysely';
import type { Database } from '../sql/tables';
import { dayMs, type Partition, partitionOf, type PartitionedTable, partitionedTables, restOf } from './partitions';

/** Advisory locks of this database that are Hearth's: the first key of each. */
const lockClass = 0x48454152;
const locks = { schema: 1, enqueue: 2, retention: 3 } as const;
export type LockName = keyof typeof locks;

/** Until the end of the transaction. */
export async function lock(transaction: Database, name: LockName): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(locks[name])})`.execute(transaction);
}

/** The same without waiting: false if somebody else has it. */
export async function tryLock(transaction: Database, name: LockName): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(locks[name])}) as locked`.execute(transaction);
  return rows[0]!.locked;
}

/** Makes a partition, with what the rest already holds of its time. Nothing to do if another process has made it meanwhile. */
export async function makePartition(transaction: Database, table: PartitionedTable, partition: Partition) {
  const { name, fromMs, toMs } = partition;
  const { column } = partitionedTables.find((one) => one.table === table)!;
  const [parent, made, rest, at] = [sql.table(table), sql.table(name), sql.table(restOf(table)), sql.ref(column)];
  const [from, to] = [sql.lit(fromMs), sql.lit(toMs)];
  const there = await sql`select 1 from pg_inherits where inhrelid = to_regclass(${name})`.execute(transaction);
  if (there.rows.length > 0) return;
  // Locked as attaching will lock it, so that nothing comes into the rest in between.
  await sql`lock table ${parent} in share update exclusive mode`.execute(transaction);
  await sql`lock table ${rest} in access exclusive mode`.execute(transaction);
  await sql`create table if not exists ${made} (like ${parent} including all)`.execute(transaction);
  await sql`with moved as (delete from ${rest} where ${at} >= ${from} and ${at} < ${to} returning *)
    insert into ${made} select * from moved`.execute(transaction);
  await sql`alter table ${parent} attach partition ${made} for values from (${from}) to (${to})`.execute(transaction);
}

/** Replaces the tables of records and logs by partitioned ones that hold the same. The time in a record's key is the one that its id carries. */
export async function partitionTables(transaction: Database): Promise<void> {
  await sql`alter table activations rename to activations_whole`.execute(transaction);
  await sql`alter table activation_logs rename to activation_logs_whole`.execute(transaction);
  for (const statement of statements) await sql.raw(statement).execute(transaction);
  await makePartitionsOf(transaction, 'activations', `${acceptedAt} from activations_whole`);
  await makePartitionsOf(transaction, 'activation_logs', 'written_at from activation_logs_whole');
  for (const statement of copies) await sql.raw(statement).execute(transaction);
}

const acceptedAt = "('x' || substr(activation_id, 1, 12))::bit(48)::bigint";
const columns = 'start_at, end_at, name, package_name, status_code, summary, record';

const statements = [
  `create table activations (
    namespace text not null, activation_id text not null, accepted_at bigint not null, start_at bigint not null, end_at bigint, name text not null,
    package_name text, status_code integer not null, summary text not null, record text not null,
    constraint activations_partitioned_key primary key (accepted_at, activation_id, namespace)
  ) partition by range (accepted_at)`,
  'create index activations_newest on activations (namespace, start_at, activation_id)',
  'create index activations_newest_of_name on activations (namespace, name, start_at, activation_id)',
  `create index activations_newest_of_package on activations (namespace, package_name, name, start_at, activation_id)
    where package_name is not null`,
  'create table activations_rest partition of activations default',
  `create table activation_logs (
    position bigserial not null, namespace text not null, activation_id text not null, lines text not null, written_at bigint not null,
    constraint activation_logs_partitioned_key primary key (position, written_at)
  ) partition by range (written_at)`,
  'create index activation_logs_of_activation on activation_logs (namespace, activation_id, position)',
  'create table activation_logs_rest partition of activation_logs default',
  'create index activation_logs_rest_by_time on activation_logs_rest (written_at)',
];

const copies = [
  `insert into activations (namespace, activation_id, accepted_at, ${columns})
    select namespace, activation_id, ${acceptedAt}, ${columns} from activations_whole`,
  `insert into activation_logs (position, namespace, activation_id, lines, written_at)
    select position, namespace, activation_id, lines, written_at from activation_logs_whole`,
  `select setval(pg_get_serial_sequence('activation_logs', 'position'), (select coalesce(max(position), 0) + 1 from activation_logs), false)`,
  'drop table activations_whole',
  'drop table activation_logs_whole',
];

/** Of the days of what is to be copied. */
async function makePartitionsOf(transaction: Database, table: PartitionedTable, times: string): Promise<void> {
  const { rows } = await sql
    .raw<{ day: number }>(
      `select distinct (time / ${dayMs})::bigint as day from (select ${times.replace(' from', ' as time from')}) as times`,
    )
    .execute(transaction);
  for (const { day } of rows) await makePartition(transaction, table, partitionOf(table, day * dayMs));
}
