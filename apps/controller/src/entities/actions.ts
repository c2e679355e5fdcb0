// Actions as the API offers them: put, get, remove, list, count. Plain; the routes only take requests apart.
//
// Guarantee: a write names the revision that it replaces, so that of two concurrent updates one is refused (409) and none is lost; after
// a write the caches of this controller know the new state only, and other controllers have been told.
import type { Clock } from '#clock';
import {
  type ActionDocument,
  type EntityName,
  type Identity,
  type JsonObject,
  type PackageName,
  type Page,
  type PutContext,
  type RuntimesManifest,
  composeAction,
  fullyQualifiedName,
  mergeByKey,
  messages,
  readActionPut,
  rejections,
  sequenceKind,
  showAction,
  summarizeAction,
} from '#entity';
import type { Limits } from '#limits';
import type { ArtifactStore } from '#store';
import type { ActionRepository } from './action-repository';
import { checkKind } from './entitlement';
import { SequenceCheck, checkComponentRights } from './sequences';
import { asStored, ifReadable, readable, showRemoved, storeId } from './stored-entity';

export class Actions {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly repository: ActionRepository,
    private readonly manifest: RuntimesManifest,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  async put(identity: Identity, name: EntityName, overwrite: () => boolean, body: () => unknown): Promise<JsonObject> {
    await this.#checkWritable(name);
    const context: PutContext = {
      manifest: this.manifest,
      limits: this.limits,
      namespace: identity.namespace,
      own: identity.limits,
    };
    const put = readActionPut(body(), context, overwrite);
    const components = put.exec?.exec.components;
    if (put.exec !== undefined) checkKind(identity, put.exec.exec.kind);
    if (components !== undefined) await checkComponentRights(identity, components, this.repository.packages);
    const stored = await this.artifacts.get(storeId(name));
    if (stored !== undefined && stored.collection !== 'actions') throw rejections.notInCollection();
    if (stored !== undefined && !overwrite()) throw rejections.exists();
    if (put.exec?.exec.kind === sequenceKind) {
      const check = new SequenceCheck(
        this.repository,
        identity.namespace,
        `/${fullyQualifiedName(name)}`,
        this.limits.sequenceLengthCount,
      );
      await check.check(components ?? []);
    }
    if (stored?.isDamaged && put.exec === undefined) throw rejections.corruptUpdate('exec');
    const document = composeAction(put, ifReadable<ActionDocument>(stored)?.document, context);
    const written = await this.artifacts.put({
      ...storeId(name),
      collection: 'actions',
      document: { ...document },
      updated: this.clock.wallMs(),
      replaces: stored?.revision,
      ...(put.exec === undefined ? {} : { code: put.exec.code }),
    });
    await this.repository.forget(name);
    const code = put.exec === undefined ? await this.artifacts.code(storeId(name), written.revision) : put.exec.code;
    return showAction(asStored<ActionDocument>(written), code);
  }

  /** As it is stored; a packaged one with the parameters of package and binding under its own. */
  async get(identity: Identity, name: EntityName, withCode: boolean): Promise<JsonObject> {
    const { id, parameters: inherited } = await this.repository.locate(identity.namespace, name);
    const action = await this.repository.stored(id);
    const code = withCode ? await this.artifacts.code(storeId(id), action.revision) : undefined;
    return showAction(action, code, mergeByKey(inherited, action.document.parameters));
  }

  async remove(name: EntityName): Promise<JsonObject> {
    await this.#checkWritable(name);
    const entity = await this.repository.found(name);
    const code = await this.artifacts.code(storeId(name), entity.revision);
    await this.artifacts.remove(storeId(name), entity.revision);
    await this.repository.forget(name);
    return showRemoved(entity, () => showAction(asStored<ActionDocument>(entity), code));
  }

  /** Actions of a package that the caller may read, those of the provider if it is a binding; newest first, or how many there are. */
  async listPackage(identity: Identity, name: PackageName, page: Page): Promise<JsonObject | JsonObject[]> {
    const { provider } = await this.repository.packages.readable(identity.namespace, name);
    return this.list(provider.namespace, provider.name, page);
  }

  /** Actions of a namespace, or of one package of it, newest first; or how many there are. */
  async list(namespace: string, packageName: string | undefined, page: Page): Promise<JsonObject | JsonObject[]> {
    const { skip, limit, isCount } = page;
    const query = {
      collection: 'actions',
      namespace,
      skip,
      ...(packageName === undefined ? {} : { packageName }),
    } as const;
    if (isCount) return { actions: await this.artifacts.count(query) };
    const found = readable(await this.artifacts.list({ ...query, limit }));
    return found.map((entity) => summarizeAction(asStored<ActionDocument>(entity)));
  }

  /** Throws 404 if its package is not there, 400 if that is a binding. */
  async #checkWritable({ namespace, packageName }: EntityName): Promise<void> {
    if (packageName === undefined) return;
    const found = await this.repository.packages.find({ namespace, name: packageName });
    if (found === undefined) throw rejections.notFound();
    if (found.document.binding !== undefined) throw rejections.notValid(messages.notOnBinding);
  }
}
