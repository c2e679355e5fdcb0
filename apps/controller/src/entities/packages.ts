// Packages as the API offers them: put, get, remove, list, count. Plain; the routes only take requests apart.
//
// Guarantees: those of actions (actions.ts) for concurrent writes and caches; a package that is not empty is removed only by force; what is
// listed of another namespace is shared and no binding.
import type { Clock } from '#clock';
import {
  type ActionDocument,
  composePackage,
  defaultPackage,
  type Identity,
  type JsonObject,
  messages,
  type PackageDocument,
  type PackageName,
  packagePath,
  parametersBytesOf,
  type Page,
  readPackagePut,
  Rejection,
  rejections,
  showPackage,
  showPackageWithContents,
  type StoredAction,
  summarizePackage,
} from '#entity';
import type { Limits } from '#limits';
import type { ArtifactStore, StoredEntity } from '#store';
import type { ActionRepository } from './action-repository';
import { asStoredPackage } from './package-reader';
import { asStored, ifReadable, readable, showRemoved } from './stored-entity';

const storeId = ({ namespace, name }: PackageName) => ({ path: namespace, name });

export class Packages {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly repository: ActionRepository,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  async put(identity: Identity, name: PackageName, overwrite: () => boolean, body: () => unknown): Promise<JsonObject> {
    const put = readPackagePut(body(), identity.namespace, parametersBytesOf(identity.limits, this.limits), () => {
      overwrite();
      if (name.name === defaultPackage) throw rejections.notValid(messages.packageReserved(name.name));
    });
    if (put.binding !== undefined) await this.#checkMayBind(identity, put.binding);
    const stored = await this.repository.packages.entity(name);
    if (stored !== undefined && !overwrite()) throw rejections.exists();
    const document = composePackage(put, ifReadable<PackageDocument>(stored)?.document);
    if (put.binding !== undefined) await this.#checkBinding(put.binding);
    const written = await this.artifacts.put({
      ...storeId(name),
      collection: 'packages',
      document: { ...document },
      updated: this.clock.wallMs(),
      replaces: stored?.revision,
      isShared: document.publish && document.binding === undefined,
    });
    await this.repository.forgetPackage(name);
    return showPackage(asStoredPackage(written));
  }

  /** With what is in it; a binding shows what is in its provider, and the merged parameters. */
  async get(identity: Identity, name: PackageName): Promise<JsonObject> {
    try {
      const { named, provider, parameters } = await this.repository.packages.readable(identity.namespace, name);
      return showPackageWithContents(named, parameters, await this.#readableContents(provider));
    } catch (error) {
      if (error instanceof Rejection && error.status === 404) throw rejections.resourceNotFound(packagePath(name));
      throw error;
    }
  }

  async remove(name: PackageName, isForced: boolean): Promise<JsonObject> {
    const entity = await this.repository.packages.entity(name);
    if (entity === undefined) throw rejections.notFound();
    // A binding has nothing in it. Actions that are damaged go, too: they would be there again with another package of that name.
    const actions = await this.#contents(name);
    if (actions.length > 0 && !isForced) throw rejections.packageNotEmpty(actions.length);
    await this.artifacts.change([
      ...actions.map(({ path, name: action, revision }) => ({ remove: { path, name: action }, revision })),
      { remove: storeId(name), revision: entity.revision },
    ]);
    await this.repository.forgetPackage(name);
    return showRemoved(entity, () => showPackage(asStoredPackage(entity)));
  }

  /** Packages of a namespace, newest first, or how many there are; of another namespace than the caller's only those that are shared. */
  async list(
    identity: Identity,
    namespace: string,
    { skip, limit, isCount }: Page,
  ): Promise<JsonObject | JsonObject[]> {
    const only = namespace === identity.namespace ? {} : ({ isShared: true } as const);
    const query = { collection: 'packages', namespace, skip, ...only } as const;
    if (isCount) return { packages: await this.artifacts.count(query) };
    const found = readable(await this.artifacts.list({ ...query, limit }));
    return found.map((entity) => summarizePackage(asStoredPackage(entity)));
  }

  /** Throws 403 if the caller may not read it; what is not there, or no package, is said in the words of bindings. */
  async #checkMayBind(identity: Identity, binding: PackageName): Promise<void> {
    try {
      await this.repository.packages.readable(identity.namespace, binding);
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      if (error.status === 404) throw rejections.notValid(messages.bindingMissing);
      if (error.status === 409) throw rejections.conflictWith(messages.bindingToOther);
      throw error;
    }
  }

  async #checkBinding(binding: PackageName): Promise<void> {
    const provider = await this.repository.packages.find(binding);
    if (provider === undefined) throw rejections.notValid(messages.bindingMissing);
    if (provider.document.binding !== undefined) throw rejections.notValid(messages.bindingToBinding);
  }

  async #readableContents(name: PackageName): Promise<StoredAction[]> {
    return readable(await this.#contents(name)).map((entity) => asStored<ActionDocument>(entity));
  }

  /** Every action of a package, newest first. */
  async #contents({ namespace, name }: PackageName): Promise<StoredEntity[]> {
    const query = { collection: 'actions', namespace, packageName: name } as const;
    const { listMaxCount: limit } = this.limits;
    const actions: StoredEntity[] = [];
    const total = await this.artifacts.count({ ...query, skip: 0 });
    for (let skip = 0; skip < total; skip += limit)
      actions.push(...(await this.artifacts.list({ ...query, skip, limit })));
    return actions;
  }
}
