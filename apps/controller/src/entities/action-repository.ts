// Actions as the data path wants them: by the name that a caller gave, through packages and bindings, from caches that are bounded in bytes.
//
// Guarantees: `peek` never waits and never asks the store; what it or `resolve` answers, the caller may use, with the parameters of binding
// and package under the action's own. After `forget` neither this object nor a read that was already under way answers the old revision,
// and other controllers are told. An entry is used for as long as their writes are certain to be noticed (cache-invalidation.ts). Code is
// cached by revision, so it cannot be stale.
import { LRUCache } from 'lru-cache';
import type { Clock } from '#clock';
import {
  type ActionDocument,
  type EntityName,
  type ExecutableAction,
  executableAction,
  fullyQualifiedName,
  type PackageName,
  packagePath,
  type Parameter,
  rejections,
  type StoredAction,
} from '#entity';
import type { Limits } from '#limits';
import type { ArtifactStore, StoredEntity } from '#store';
import type { CacheHolder, CacheInvalidation, Stale } from './cache-invalidation';
import { PackageReader } from './package-reader';
import { asStored, storeId } from './stored-entity';

/** Bytes that an entry costs beside its text. */
const entryOverheadBytes = 512;

interface Known {
  readonly action: ExecutableAction;
  /** Whether every namespace may use it by this name; else only the one that the name begins with. */
  readonly isShared: boolean;
  /** When the store was asked. */
  readonly readAtMs: number;
}

export interface Located {
  /** By its own name. */
  readonly id: EntityName;
  /** What it inherits from package and binding. */
  readonly parameters: readonly Parameter[];
  /** `namespace/package` of the binding that led there. */
  readonly binding: string | undefined;
  /** Whether every namespace may use it by the name that was given. */
  readonly isShared: boolean;
}

/** Reads for owners and for others may end differently. No name contains the mark. */
const readKey = (key: string, isOwn: boolean): string => (isOwn ? key : `*${key}`);
const isPackaged = (key: string): boolean => key.split('/').length > 2;

export class ActionRepository implements CacheHolder {
  readonly packages: PackageReader;
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
    this.packages = new PackageReader(artifacts);
    this.#actions = new LRUCache({
      maxSize: limits.actionCacheBytes,
      sizeCalculation: ({ action }) => JSON.stringify(action).length + entryOverheadBytes,
    });
    this.#code = new LRUCache({
      maxSize: limits.codeCacheBytes,
      sizeCalculation: (code) => code.length + entryOverheadBytes,
    });
  }

  /** The action, if the cache knows it under this name and the namespace `caller` may use it so. */
  peek(caller: string, name: EntityName): ExecutableAction | undefined {
    const known = this.#fresh(fullyQualifiedName(name));
    return known && (known.isShared || caller === name.namespace) ? known.action : undefined;
  }

  /**
   * The action that `name` means for the namespace `caller`: its own, one of a shared package, or one by a binding of its own. Throws a
   * Rejection: 404 if it is not there, 403 if the caller may not use it, 409 if the name (or the package's) is something else.
   */
  async resolve(caller: string, name: EntityName): Promise<ExecutableAction> {
    const known = this.peek(caller, name);
    if (known !== undefined) return known;
    const key = fullyQualifiedName(name);
    const reader = readKey(key, caller === name.namespace);
    const underWay = this.#reading.get(reader);
    if (underWay !== undefined) return underWay;
    const readAtMs = this.clock.now();
    const reading: Promise<ExecutableAction> = this.#read(caller, name)
      .then(({ action, isShared }) => {
        if (this.#reading.get(reader) === reading) this.#actions.set(key, { action, isShared, readAtMs });
        return action;
      })
      .finally(() => {
        if (this.#reading.get(reader) === reading) this.#reading.delete(reader);
      });
    this.#reading.set(reader, reading);
    return reading;
  }

  /** Its code, of exactly this revision; undefined if there is none or the action has been written since. */
  async code(action: ExecutableAction): Promise<string | undefined> {
    const key = `${action.fullyQualifiedName}@${action.revision}`;
    const known = this.#code.get(key);
    if (known !== undefined) return known;
    const code = await this.artifacts.code(storeId(action), action.revision);
    if (code !== undefined) this.#code.set(key, code);
    return code;
  }

  /** An action was written or removed here. */
  async forget(action: EntityName): Promise<void> {
    await this.#tell({ kind: 'action', name: fullyQualifiedName(action) });
  }

  /** A package was written or removed here: its parameters are part of its actions, and its sharing says who may use them. */
  async forgetPackage(name: PackageName): Promise<void> {
    await this.#tell({ kind: 'package', name: packagePath(name) });
  }

  forgetStale({ kind, name }: Stale): void {
    if (kind === 'all') this.#drop(() => true);
    else if (kind === 'package') this.#drop((key, real) => key.startsWith(`${name}/`) || real.startsWith(`${name}/`));
    else if (kind === 'action' && isPackaged(name)) this.#drop((key, real) => key === name || real === name);
    else if (kind === 'action') this.#dropKey(name);
  }

  async #tell(stale: Stale): Promise<void> {
    this.forgetStale(stale);
    await this.invalidation.tell(stale);
  }

  /** Drops what matches, by the name that was asked for or by the action's own; and every read through a package, since nobody knows yet where it leads. */
  #drop(matches: (key: string, real: string) => boolean): void {
    for (const [key, { action }] of this.#actions.entries()) {
      if (matches(key, action.fullyQualifiedName)) this.#actions.delete(key);
    }
    for (const key of this.#reading.keys()) if (isPackaged(key) || matches(key, key)) this.#reading.delete(key);
  }

  #dropKey(key: string): void {
    this.#actions.delete(key);
    this.#reading.delete(readKey(key, true));
  }

  #fresh(key: string): Known | undefined {
    const known = this.#actions.get(key);
    return known && this.clock.now() - known.readAtMs < this.invalidation.entryMs ? known : undefined;
  }

  async #read(caller: string, name: EntityName): Promise<Omit<Known, 'readAtMs'>> {
    const { id, parameters, binding, isShared } = await this.locate(caller, name);
    return { action: executableAction(await this.stored(id), parameters, binding), isShared };
  }

  /** Where the action would be that `name` means for the namespace `caller`, past the cache. Throws like `resolve`, but does not look whether it is there. */
  async locate(caller: string, name: EntityName): Promise<Located> {
    const { namespace, packageName } = name;
    if (packageName === undefined) {
      if (namespace !== caller) throw rejections.notAuthorized(fullyQualifiedName(name));
      return { id: name, parameters: [], binding: undefined, isShared: false };
    }
    const found = await this.packages.readable(caller, { namespace, name: packageName });
    const { named, provider, parameters, isShared } = found;
    const id = { namespace: provider.namespace, packageName: provider.name, name: name.name };
    return { id, parameters, binding: named === provider ? undefined : packagePath(named), isShared };
  }

  /**
   * The stored action itself, past the cache and whoever asks. Throws a Rejection: 404 if it is not there, 409 if the name is something else;
   * StoreError `corrupt` if it is damaged.
   */
  async stored(id: EntityName): Promise<StoredAction> {
    return asStored<ActionDocument>(await this.found(id));
  }

  /** The same, damaged or not. */
  async found(id: EntityName): Promise<StoredEntity> {
    const entity = await this.artifacts.get(storeId(id));
    if (entity === undefined) throw rejections.notFound();
    if (entity.collection !== 'actions') throw rejections.notInCollection();
    return entity;
  }
}
