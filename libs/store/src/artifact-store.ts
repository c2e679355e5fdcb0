// The seam of entities: actions, packages, triggers and rules with revisions and optimistic concurrency.
//
// Guarantees that every implementation gives (artifact-store.conformance.ts holds them to it):
// - one key space: at most one entity has a given (path, name), whatever its collection;
// - revisions of one (path, name) only grow, also over deletion and re-creation (a deleted row leaves its revision behind);
// - a write names the revision that it replaces, and fails with `conflict` if another one is stored;
// - code lives apart: `get` and `list` never read it.

export type Collection = 'actions' | 'packages' | 'triggers' | 'rules';

/** `path` is `namespace` or `namespace/package`. */
export interface EntityId {
  readonly path: string;
  readonly name: string;
}

export interface StoredEntity extends EntityId {
  readonly collection: Collection;
  /** At least 1. */
  readonly revision: number;
  /** Wall-clock milliseconds of the last write. */
  readonly updated: number;
  /** The document without code, as the entity layer composed it. Opaque to the store. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Its document cannot be read and is given as an empty one: it can be replaced or removed, and nothing else. */
  readonly isDamaged?: true;
}

export interface EntityWrite extends EntityId {
  readonly collection: Collection;
  readonly document: Readonly<Record<string, unknown>>;
  readonly updated: number;
  /** undefined: must not exist. A number: must be the stored revision. */
  readonly replaces: number | undefined;
  /** undefined: keep what is stored (on a replacement). null: none. */
  readonly code?: string | null;
  /** Whether lists of shared entities have it; by default they do not. */
  readonly isShared?: boolean;
}

/** One of several changes that are made together. */
export type EntityChange = { readonly put: EntityWrite } | { readonly remove: EntityId; readonly revision: number };

export interface EntityQuery {
  readonly collection: Collection;
  readonly namespace: string;
  /** Only this package's entities; undefined: the whole namespace, packaged ones included. */
  readonly packageName?: string;
  /** Only shared ones, of the whole namespace. */
  readonly isShared?: true;
  readonly skip: number;
  /** At most 200. */
  readonly limit: number;
}

export interface ArtifactStore {
  get(id: EntityId): Promise<StoredEntity | undefined>;
  /** Code of exactly this revision; undefined if there is none or the revision is no longer stored. */
  code(id: EntityId, revision: number): Promise<string | undefined>;
  /** Throws StoreError `exists` or `conflict`. Answers what is stored now. */
  put(write: EntityWrite): Promise<StoredEntity>;
  /** Throws StoreError `conflict` if another revision, or nothing, is stored. */
  remove(id: EntityId, revision: number): Promise<void>;
  /** All of these or, when one throws as `put` or `remove` would, none. Answers what is stored now of each. */
  change(changes: readonly EntityChange[]): Promise<(StoredEntity | undefined)[]>;
  /** By `updated`, newest first. */
  list(query: EntityQuery): Promise<StoredEntity[]>;
  /** How many `list` would give with this skip and no limit. */
  count(query: Omit<EntityQuery, 'limit'>): Promise<number>;
}
