// From what the store keeps to what the entity layer means, and back.
import { type EntityName, entityPath } from '#entity';
import type { EntityId, StoredEntity } from '#store';

export interface Stored<Document> extends EntityName {
  readonly revision: number;
  readonly updated: number;
  readonly document: Document;
}

export const storeId = (name: EntityName): EntityId => ({ path: entityPath(name), name: name.name });

/** The entity layer is the only writer of documents, and the store keeps them as they were given: `Document` is what the collection says. */
export function asStored<Document>({ path, name, revision, updated, document }: StoredEntity): Stored<Document> {
  const [namespace = '', packageName] = path.split('/');
  return { namespace, packageName, name, revision, updated, document: document as unknown as Document };
}
