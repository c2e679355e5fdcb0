// Actions as the data path wants them: by name, from caches that are bounded in bytes.
//
// Guarantees: `peek` never waits and never asks the store. After `forget` neither this object nor a read that was already under way
// answers the old revision, and other controllers are told. An entry is used for as long as their writes are certain to be noticed
// (cache-invalidation.ts). Code is cached by revision, so it cannot be stale.
import { LRUCache } from 'lru-cache';
import type { Clock } from '#clock';
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
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';

/** Bytes that an entry costs beside its text. */
const entryOverheadBytes = 512;

interface Known {
  readonly action: ExecutableAction;
  /** When the store was asked. */
  readonly readAtMs: number;
}

export class ActionRepository implements CacheHolder {
  readonly #actions: LRUCache<string, Known>;
  readonly #code: LRUCache<string, string>;
  readonly #reading = new Map<string, Promise<ExecutableAction>>();

  constructor(
    private readonly artifacts: ArtifactStore,
    limits: Pick<Limits, 'actionCacheBytes' | 'codeCacheBytes'>,
    private readonly clock: Clock,
    private readonly invalidation: CacheInvalidation,
  ) {
    invalidation.join(this);
    this.#actions = new LRUCache({
      maxSize: limits.actionCacheBytes,
      sizeCalculation: ({ action }) => JSON.stringify(action).length + entryOverheadBytes,
    });
    this.#code = new LRUCache({
      maxSize: limits.codeCacheBytes,
      sizeCalculation: (code) => code.length + entryOverheadBytes,
    });
  }

  /** The action, if the cache knows it. */
  peek(namespace: string, packageName: string | undefined, name: string): ExecutableAction | undefined {
    return this.#fresh(fullyQualifiedName({ namespace, packageName, name }));
  }

  /** The action. Throws a Rejection: 404 if it is not there, 409 if the name (or the package's) is something else. */
  async resolve(namespace: string, packageName: string | undefined, name: string): Promise<ExecutableAction> {
    const id = { namespace, packageName, name };
    const key = fullyQualifiedName(id);
    const known = this.#fresh(key) ?? this.#reading.get(key);
    if (known !== undefined) return known;
    const readAtMs = this.clock.now();
    const reading: Promise<ExecutableAction> = this.#read(id)
      .then((action) => {
        if (this.#reading.get(key) === reading) this.#actions.set(key, { action, readAtMs });
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

  /** An action was written or removed here. */
  async forget(action: EntityName): Promise<void> {
    await this.#tell({ kind: 'action', name: fullyQualifiedName(action) });
  }

  /** A package was written or removed here: its parameters are part of its actions. */
  async forgetPackage(namespace: string, packageName: string): Promise<void> {
    await this.#tell({ kind: 'package', name: `${namespace}/${packageName}` });
  }

  forgetStale({ kind, name }: Stale): void {
    if (kind === 'action') return this.#drop([name]);
    const keys = [...this.#actions.keys(), ...this.#reading.keys()];
    if (kind === 'package') this.#drop(keys.filter((key) => key.startsWith(`${name}/`)));
    else if (kind === 'all') this.#drop(keys);
  }

  async #tell(stale: Stale): Promise<void> {
    this.forgetStale(stale);
    await this.invalidation.tell(stale);
  }

  #drop(keys: readonly string[]): void {
    for (const key of keys) {
      this.#actions.delete(key);
      this.#reading.delete(key);
    }
  }

  #fresh(key: string): ExecutableAction | undefined {
    const known = this.#actions.get(key);
    return known && this.clock.now() - known.readAtMs < this.invalidation.entryMs ? known.action : undefined;
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
