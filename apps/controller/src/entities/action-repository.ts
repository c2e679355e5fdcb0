// Actions as the data path wants them: by name, from caches that are bounded in bytes.
//
// Guarantees: `peek` never waits and never asks the store. After `forget` neither this object nor a read that was already under way
// answers the old revision. Code is cached by revision, so it cannot be stale. Other controllers' writes are not seen here yet; the
// cluster's cache invalidation is to call `forget`.
import { LRUCache } from 'lru-cache';
import {
  type ActionDocument,
  type EntityName,
  type ExecutableAction,
  type Parameter,
  type StoredAction,
  entityPath,
  executableAction,
  fullyQualifiedName,
  rejections,
} from '#entity';
import type { Limits } from '#limits';
import type { ArtifactStore } from '#store';

/** Bytes that an entry costs beside its text. */
const entryOverheadBytes = 512;

export class ActionRepository {
  readonly #actions: LRUCache<string, ExecutableAction>;
  readonly #code: LRUCache<string, string>;
  readonly #reading = new Map<string, Promise<ExecutableAction>>();

  constructor(
    private readonly artifacts: ArtifactStore,
    limits: Pick<Limits, 'actionCacheBytes' | 'codeCacheBytes'>,
  ) {
    this.#actions = new LRUCache({
      maxSize: limits.actionCacheBytes,
      sizeCalculation: (action) => JSON.stringify(action).length + entryOverheadBytes,
    });
    this.#code = new LRUCache({
      maxSize: limits.codeCacheBytes,
      sizeCalculation: (code) => code.length + entryOverheadBytes,
    });
  }

  /** The action, if the cache knows it. */
  peek(namespace: string, packageName: string | undefined, name: string): ExecutableAction | undefined {
    return this.#actions.get(fullyQualifiedName({ namespace, packageName, name }));
  }

  /** The action. Throws a Rejection: 404 if it is not there, 409 if the name (or the package's) is something else. */
  async resolve(namespace: string, packageName: string | undefined, name: string): Promise<ExecutableAction> {
    const id = { namespace, packageName, name };
    const key = fullyQualifiedName(id);
    const known = this.#actions.get(key) ?? this.#reading.get(key);
    if (known !== undefined) return known;
    const reading: Promise<ExecutableAction> = this.#read(id)
      .then((action) => {
        if (this.#reading.get(key) === reading) this.#actions.set(key, action);
        return action;
      })
      .finally(() => {
        if (this.#reading.get(key) === reading) this.#reading.delete(key);
      });
    this.#reading.set(key, reading);
    return reading;
  }

  /** Its code, of exactly this revision; undefined if there is none or the action has been written since. */
  async code(action: ExecutableAction): Promise<string | undefined> {
    const key = `${action.fullyQualifiedName}@${action.revision}`;
    const known = this.#code.get(key);
    if (known !== undefined) return known;
    const code = await this.artifacts.code({ path: entityPath(action), name: action.name }, action.revision);
    if (code !== undefined) this.#code.set(key, code);
    return code;
  }

  /** An action was written or removed. */
  forget(action: EntityName): void {
    const key = fullyQualifiedName(action);
    this.#actions.delete(key);
    this.#reading.delete(key);
  }

  /** A package was written or removed: its parameters are part of its actions. */
  forgetPackage(namespace: string, packageName: string): void {
    const prefix = `${namespace}/${packageName}/`;
    for (const keys of [[...this.#actions.keys()], [...this.#reading.keys()]]) {
      for (const key of keys.filter((candidate) => candidate.startsWith(prefix))) {
        this.#actions.delete(key);
        this.#reading.delete(key);
      }
    }
  }

  async #read(id: EntityName): Promise<ExecutableAction> {
    const inherited = id.packageName === undefined ? [] : await this.packageParameters(id.namespace, id.packageName);
    return executableAction(await this.stored(id), inherited);
  }

  /** Parameters of a package. Throws a Rejection: 404 if it is not there, 409 if the name is something else. */
  async packageParameters(namespace: string, packageName: string): Promise<readonly Parameter[]> {
    const entity = await this.artifacts.get({ path: namespace, name: packageName });
    if (entity === undefined) throw rejections.notFound();
    if (entity.collection !== 'packages') throw rejections.notInCollection();
    return (entity.document as { parameters?: Parameter[] }).parameters ?? [];
  }

  /** The stored action itself, past the cache. Throws like `resolve`. */
  async stored(id: EntityName): Promise<StoredAction> {
    const entity = await this.artifacts.get({ path: entityPath(id), name: id.name });
    if (entity === undefined) throw rejections.notFound();
    if (entity.collection !== 'actions') throw rejections.notInCollection();
    const { revision, updated } = entity;
    // The entity layer is the only writer of documents; the store keeps them as they were given.
    return { ...id, revision, updated, document: entity.document as unknown as ActionDocument };
  }
}
