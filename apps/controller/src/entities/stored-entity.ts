// From what the store keeps to what the entity layer means, and back.
import { type EntityName, entityPath, type JsonObject, Rejection } from '#entity';
import { type EntityId, type StoredEntity, StoreError } from '#store';

export interface Stored<Document> extends EntityName {
  readonly revision: number;
  readonly updated: number;
  readonly document: Document;
}

export const storeId = (name: EntityName): EntityId => ({ path: entityPath(name), name: name.name });

/**
 * The entity layer is the only writer of documents, and the store keeps them as they were given: `Document` is what the collection says. Throws
 * StoreError `corrupt` for one that is damaged.
 */
export function asStored<Document>(entity: StoredEntity): Stored<Document> {
  const { path, name, revision, updated, document } = entity;
  if (entity.isDamaged) throw new StoreError('corrupt', `cannot read ${path}/${name}: its document is damaged.`);
  const [namespace = '', packageName] = path.split('/');
  return { namespace, packageName, name, revision, updated, document: document as unknown as Document };
}

/** What its owner replaces; undefined if there is nothing, or nothing that can be read. */
export function ifReadable<Document>(entity: StoredEntity | undefined): Stored<Document> | undefined {
  return entity === undefined || entity.isDamaged ? undefined : asStored<Document>(entity);
}

/** One that is damaged is no reason to show none of the others. */
export function readable(entities: readonly StoredEntity[]): StoredEntity[] {
  return entities.filter(({ isDamaged }) => !isDamaged);
}

/** What was removed: as `show` shows it, or only what it was, if the rest cannot be read or opened any more. It is gone all the same. */
export function showRemoved({ path, name, updated, isDamaged }: StoredEntity, show: () => JsonObject): JsonObject {
  try {
    if (!isDamaged) return show();
  } catch (error) {
    // Its parameters do not open.
    if (!(error instanceof Rejection)) throw error;
  }
  return { namespace: path, name, updated };
}
