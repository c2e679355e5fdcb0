// The tables, as Kysely sees them. Every time is wall-clock milliseconds; every document is JSON text.
import type { Generated, Kysely } from 'kysely';
import type { Collection } from '../artifact-store';

export interface EntityTable {
  path: string;
  name: string;
  /** First segment of the path: a namespace lists its packaged entities too. */
  namespace: string;
  collection: Collection;
  revision: number;
  updated: number;
  /** Grows with every write of any entity: the order of those that were written in one millisecond. */
  sequence: number;
  document: string;
  /** 0 or 1: whether every namespace may see it in a list. */
  shared: number;
}

/** What a deleted entity leaves behind, so that a revision of its name is never used twice. */
export interface DeletedEntityTable {
  path: string;
  name: string;
  revision: number;
}

/** Code of the stored revision. A replacement that keeps the code does not touch it. */
export interface EntityCodeTable {
  path: string;
  name: string;
  code: string;
}

export interface SubjectTable {
  uuid: string;
  subject: string;
  namespace: string;
  /** Random text in front of what is hashed; empty in rows of before there was one. */
  key_salt: Generated<string>;
  /** Hex SHA-256 of the salt and `uuid:key`. */
  key_hash: string;
  /** `uuid:key`, sealed under a secret that is not in the database; null: it is known to nobody but its owner. */
  sealed_key: Generated<string | null>;
  /** 0 or 1. */
  blocked: number;
}

export interface NamespaceLimitsTable {
  namespace: string;
  limits: string;
}

/** `record` is the last column: a list, which reads the others, does not load a large one's overflow pages. */
export interface ActivationTable {
  namespace: string;
  activation_id: string;
  accepted_at: number;
  start_at: number;
  end_at: number | null;
  name: string;
  package_name: string | null;
  status_code: number;
  summary: string;
  record: string;
}

export type QueueState = 'queued' | 'claimed' | 'started';

/** A settled row is deleted: its record is the proof that it was there. */
export interface QueueTable {
  activation_id: string;
  namespace: string;
  accepted_at: number;
  state: QueueState;
  enqueued_at: number;
  attempt: number;
  /** How many attempts were begun and lost. */
  lost: number;
  owner: string | null;
  claimed_until: number | null;
  started_at: number | null;
  time_limit_ms: number | null;
  invocation: string;
}

export interface ActivationLogTable {
  position: Generated<number>;
  namespace: string;
  activation_id: string;
  /** JSON array of strings. */
  lines: string;
  /** By the store's clock. */
  written_at: number;
}

export interface CounterTable {
  name: string;
  value: number;
}

/** A trigger that is fired by time. `trigger` is its name in the namespace. */
export interface AlarmTable {
  id: string;
  namespace: string;
  trigger: string;
  /** When it is fired next; null: never again. */
  due_at: number | null;
  alarm: string;
}

/** Due times that were taken: whoever inserts one fires. */
export interface AlarmFireTable {
  alarm_id: string;
  due_at: number;
}

/** One row: how many migrations have run. */
export interface SchemaVersionTable {
  version: number;
}

export interface Tables {
  schema_version: SchemaVersionTable;
  entities: EntityTable;
  deleted_entities: DeletedEntityTable;
  entity_code: EntityCodeTable;
  subjects: SubjectTable;
  namespace_limits: NamespaceLimitsTable;
  activations: ActivationTable;
  queue: QueueTable;
  activation_logs: ActivationLogTable;
  counters: CounterTable;
  alarms: AlarmTable;
  alarm_fires: AlarmFireTable;
}

/** A connection pool or one transaction of it. */
export type Database = Kysely<Tables>;
