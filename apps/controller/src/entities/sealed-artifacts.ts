// The store of entities, in which values of parameters rest sealed. The one place between entity layer and store that knows of it, and that looks
// whether what is stored is a document of its collection: what is none is damaged.
//
// Guarantees: what is written is sealed under the current key, whatever was stored before; what is read looks as it was written. Parameters are opened
// when somebody looks at them, so that lists open nothing, and an entity whose key is lost can still be listed and be written anew with parameters
// of its own; to look at its old ones throws 500, for that entity only.
import { isDocument, rejections } from '#entity';
import { type ParameterSeal, SealedForGood } from '#seal';
import type { ArtifactStore, EntityChange, EntityId, EntityQuery, EntityWrite, StoredEntity, Stores } from '#store';

type List = Parameters<ParameterSeal['seal']>[1];

export class SealedArtifacts implements ArtifactStore {
  constructor(
    private readonly store: ArtifactStore,
    private readonly seal: ParameterSeal,
  ) {}

  async get(id: EntityId): Promise<StoredEntity | undefined> {
    const entity = await this.store.get(id);
    return entity && this.opened(entity);
  }

  async list(query: EntityQuery): Promise<StoredEntity[]> {
    return (await this.store.list(query)).map((entity) => this.opened(entity));
  }

  async put(write: EntityWrite): Promise<StoredEntity> {
    return { ...(await this.store.put(this.sealed(write))), document: write.document };
  }

  async change(changes: readonly EntityChange[]): Promise<(StoredEntity | undefined)[]> {
    const sealed = changes.map((change) => ('put' in change ? { put: this.sealed(change.put) } : change));
    return (await this.store.change(sealed)).map((entity) => entity && this.opened(entity));
  }

  code(id: EntityId, revision: number): Promise<string | undefined> {
    return this.store.code(id, revision);
  }

  remove(id: EntityId, revision: number): Promise<void> {
    return this.store.remove(id, revision);
  }

  count(query: Omit<EntityQuery, 'limit'>): Promise<number> {
    return this.store.count(query);
  }

  private sealed(write: EntityWrite): EntityWrite {
    const { parameters } = write.document;
    if (!isList(parameters)) return write;
    return { ...write, document: { ...write.document, parameters: this.seal.seal(nameOf(write), parameters) } };
  }

  private opened(entity: StoredEntity): StoredEntity {
    if (entity.isDamaged || !isDocument(entity.collection, entity.document))
      return { ...entity, document: {}, isDamaged: true };
    const { parameters } = entity.document;
    if (!isList(parameters) || !parameters.some((item) => 'encryption' in item)) return entity;
    const { seal } = this;
    let known: List | undefined;
    const document = {
      ...entity.document,
      get parameters() {
        return (known ??= open(seal, nameOf(entity), parameters));
      },
    };
    return { ...entity, document };
  }
}

export function withSealedParameters(stores: Stores, seal: ParameterSeal): Stores {
  return { ...stores, artifacts: new SealedArtifacts(stores.artifacts, seal) };
}

const nameOf = ({ path, name }: EntityId): string => `${path}/${name}`;

/** The entity layer writes lists of parameters only; a rule has none. */
const isList = (value: unknown): value is List => Array.isArray(value);

function open(seal: ParameterSeal, entity: string, parameters: List): List {
  try {
    return seal.open(entity, parameters);
  } catch (error) {
    throw error instanceof SealedForGood ? rejections.parametersSealed() : error;
  }
}
