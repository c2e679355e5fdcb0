// Triggers as the API offers them: put, get, remove, list, count. Plain; firing one is the data path's (invoke/trigger-fires.ts).
//
// Guarantee: as for actions (actions.ts), a write names the revision that it replaces; rules that are put on a trigger meanwhile are not lost.
import type { Clock } from '#clock';
import {
  composeTrigger,
  parametersBytesOf,
  type EntityName,
  type Identity,
  type JsonObject,
  type Page,
  readTriggerPut,
  rejections,
  showTrigger,
  type StoredTrigger,
  summarizeTrigger,
  type TriggerDocument,
  type Webhook,
} from '#entity';
import type { Limits } from '#limits';
import type { Alarms, ArtifactStore, StoredEntity } from '#store';
import { asStored, ifReadable, readable, showRemoved, storeId } from './stored-entity';

export class Triggers {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly alarms: Pick<Alarms, 'remove'>,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  async put(
    { limits: own }: Identity,
    name: EntityName,
    overwrite: () => boolean,
    body: () => unknown,
  ): Promise<JsonObject> {
    const put = readTriggerPut(body(), parametersBytesOf(own, this.limits), overwrite);
    const stored = await this.#entity(name);
    if (stored !== undefined && !overwrite()) throw rejections.exists();
    const written = await this.artifacts.put({
      ...storeId(name),
      collection: 'triggers',
      document: { ...composeTrigger(put, ifReadable<TriggerDocument>(stored)?.document) },
      updated: this.clock.wallMs(),
      replaces: stored?.revision,
    });
    return showTrigger(asStored<TriggerDocument>(written));
  }

  async get(name: EntityName): Promise<JsonObject> {
    return showTrigger(await this.stored(name));
  }

  async remove(name: EntityName): Promise<JsonObject> {
    const entity = await this.#entity(name);
    if (entity === undefined) throw rejections.notFound();
    await this.artifacts.remove(storeId(name), entity.revision);
    // Another trigger of this name is not to be fired by the alarm of this one.
    await this.alarms.remove(name.namespace, name.name);
    return showRemoved(entity, () => showTrigger(asStored<TriggerDocument>(entity)));
  }

  async list(namespace: string, { skip, limit, isCount }: Page): Promise<JsonObject | JsonObject[]> {
    const query = { collection: 'triggers', namespace, skip } as const;
    if (isCount) return { triggers: await this.artifacts.count(query) };
    const found = readable(await this.artifacts.list({ ...query, limit }));
    return found.map((entity) => summarizeTrigger(asStored<TriggerDocument>(entity)));
  }

  /** Gives it this webhook, or none; nothing else of it changes, its time of writing neither. Throws 404 if it is not there. */
  async putWebhook(name: EntityName, webhook: Webhook | undefined): Promise<void> {
    const { document, updated, revision } = await this.stored(name);
    const { webhook: _, ...rest } = document;
    await this.artifacts.put({
      ...storeId(name),
      collection: 'triggers',
      document: { ...rest, ...(webhook === undefined ? {} : { webhook }) },
      updated,
      replaces: revision,
    });
  }

  /** Undefined if it is not there, or if the name is something else. */
  async peek(name: EntityName): Promise<StoredTrigger | undefined> {
    const entity = await this.artifacts.get(storeId(name));
    return entity?.collection === 'triggers' ? asStored<TriggerDocument>(entity) : undefined;
  }

  /** Undefined if it is not there. Throws 409 if the name is something else. */
  async find(name: EntityName): Promise<StoredTrigger | undefined> {
    const entity = await this.#entity(name);
    return entity && asStored<TriggerDocument>(entity);
  }

  /** The same, damaged or not. */
  async #entity(name: EntityName): Promise<StoredEntity | undefined> {
    const entity = await this.artifacts.get(storeId(name));
    if (entity !== undefined && entity.collection !== 'triggers') throw rejections.notInCollection();
    return entity;
  }

  /** Throws 404 if it is not there, 409 if the name is something else. */
  async stored(name: EntityName): Promise<StoredTrigger> {
    const found = await this.find(name);
    if (found === undefined) throw rejections.notFound();
    return found;
  }
}
