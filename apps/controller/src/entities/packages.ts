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
  type StoredPackage,
  summarizePackage,
} from '#entity';
import type { Limits } from '#limits';
import type { ArtifactStore } from '#store';
import type { ActionRepository } from './action-repository';
import { asStoredPackage } from './package-reader';
import { asStored } from './stored-entity';

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
    const stored = await this.repository.packages.find(name);
    if (stored !== undefined && !overwrite()) throw rejections.exists();
    const document = composePackage(put, stored?.document);
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
      return showPackageWithContents(named, parameters, (await this.#contents(provider)).actions);
    } catch (error) {
      if (error instanceof Rejection && error.status === 404) throw rejections.resourceNotFound(packagePath(name));
      throw error;
    }
  }

  async remove(name: PackageName, isForced: boolean): Promise<JsonObject> {
    const stored = await this.repository.packages.find(name);
    if (stored === undefined) throw rejections.notFound();
    const isBinding = stored.document.binding !== undefined;
    const { actions, total } = isBinding ? { actions: [], total: 0 } : await this.#contents(stored);
    if (total > 0 && !isForced) throw rejections.packageNotEmpty(total);
    // What is damaged cannot be removed, and would be there again with another package of that name.
    if (actions.length < total) throw rejections.corrupt();
    await this.artifacts.change([
      ...actions.map(({ name: action, revision }) => ({
        remove: { path: packagePath(name), name: action },
        revision,
      })),
      { remove: storeId(name), revision: stored.revision },
    ]);
    await this.repository.forgetPackage(name);
    return showPackage(stored);
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
    return (await this.artifacts.list({ ...query, limit })).map((entity) => summarizePackage(asStoredPackage(entity)));
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

  /** Every action of a package that can be read, newest first, and how many there are in all. */
  async #contents({ namespace, name }: StoredPackage): Promise<{ actions: StoredAction[]; total: number }> {
    const query = { collection: 'actions', namespace, packageName: name } as const;
    const { listMaxCount: limit } = this.limits;
    const actions: StoredAction[] = [];
    const total = await this.artifacts.count({ ...query, skip: 0 });
    for (let skip = 0; skip < total; skip += limit) {
      const page = await this.artifacts.list({ ...query, skip, limit });
      actions.push(...page.map((entity) => asStored<ActionDocument>(entity)));
    }
    return { actions, total };
  }
}
