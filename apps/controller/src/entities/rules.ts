// Rules as the API offers them: put, get, remove, list, count, and their state.
//
// Guarantees: a rule and what its triggers know of it are written together, so that no kill leaves one without the other; neither the
// trigger's version nor its place in lists changes by that; if somebody else writes the trigger meanwhile, it is read again.
import type { Clock } from '#clock';
import {
  composeRule,
  type EntityName,
  fullyQualifiedName,
  type Identity,
  type JsonObject,
  messages,
  nameOfReference,
  parametersBytesOf,
  type Page,
  readRulePut,
  readRuleStatus,
  Rejection,
  rejections,
  type RuleDocument,
  type RuleStatus,
  showRule,
  statusAt,
  type StoredRule,
  type StoredTrigger,
  summarizeRule,
  type TriggerDocument,
  withoutRule,
  withRule,
} from '#entity';
import type { Limits } from '#limits';
import { type ArtifactStore, type EntityChange, type StoredEntity, StoreError } from '#store';
import type { ActionRepository } from './action-repository';
import { entityTarget } from './entitlement';
import { asStored, ifReadable, readable, showRemoved, storeId } from './stored-entity';
import type { Triggers } from './triggers';

/** How often a trigger is read again that somebody else is writing. */
const triesMax = 10;

export class Rules {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly actions: ActionRepository,
    private readonly triggers: Triggers,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  async put(identity: Identity, name: EntityName, overwrite: () => boolean, body: () => unknown): Promise<JsonObject> {
    const put = readRulePut(body(), identity.namespace, parametersBytesOf(identity.limits, this.limits), overwrite);
    if (put.trigger) requireTrigger(identity, put.trigger);
    if (put.action) await this.#requireReadable(identity, put.action);
    return this.#trying(async () => {
      const stored = await this.#entity(name);
      if (stored !== undefined && !overwrite()) throw rejections.exists();
      const isWhole = put.trigger !== undefined && put.action !== undefined;
      if (stored?.isDamaged && !isWhole) throw rejections.corruptUpdate('trigger and action');
      const document = composeRule(put, ifReadable<RuleDocument>(stored)?.document);
      const trigger = await this.#existingTrigger(nameOfReference(document.trigger));
      await this.#requireAction(identity, nameOfReference(document.action));
      const holders = stored === undefined ? [] : await this.#holdersOf(stored, name);
      const status = stored === undefined ? 'active' : statusAt(holders[0]?.document, name);
      const left = holders.filter((holder) => fullyQualifiedName(holder) !== fullyQualifiedName(trigger));
      const [written] = await this.artifacts.change([
        {
          put: {
            ...storeId(name),
            collection: 'rules',
            document: { ...document },
            updated: this.clock.wallMs(),
            replaces: stored?.revision,
          },
        },
        linking(trigger, withRule(trigger.document, name, { action: document.action, status })),
        ...left.map((holder) => linking(holder, withoutRule(holder.document, name))),
      ]);
      return showRule(asStored<RuleDocument>(written!), status);
    });
  }

  async get(name: EntityName): Promise<JsonObject> {
    const rule = await this.#stored(name);
    return showRule(rule, statusAt((await this.#triggerOf(rule))?.document, name));
  }

  async remove(name: EntityName): Promise<JsonObject> {
    return this.#trying(async () => {
      const entity = await this.#entity(name);
      if (entity === undefined) throw rejections.notFound();
      const holders = await this.#holdersOf(entity, name);
      await this.artifacts.change([
        { remove: storeId(name), revision: entity.revision },
        ...holders.map((holder) => linking(holder, withoutRule(holder.document, name))),
      ]);
      return showRemoved(entity, () => showRule(asStored<RuleDocument>(entity), 'inactive'));
    });
  }

  /** Sets the state of a rule, which it may have already. Throws 404 for one that would be active without a trigger. */
  async setStatus(name: EntityName, body: () => unknown): Promise<void> {
    const wanted: RuleStatus = readRuleStatus(body());
    await this.#trying(async () => {
      const rule = await this.#stored(name);
      const trigger = await this.#triggerOf(rule);
      if (statusAt(trigger?.document, name) === wanted) return;
      if (trigger === undefined) throw rejections.notFoundBecause(messages.ruleWithoutTrigger);
      const link = { action: rule.document.action, status: wanted };
      await this.artifacts.change([linking(trigger, withRule(trigger.document, name, link))]);
    });
  }

  async list(namespace: string, { skip, limit, isCount }: Page): Promise<JsonObject | JsonObject[]> {
    const query = { collection: 'rules', namespace, skip } as const;
    if (isCount) return { rules: await this.artifacts.count(query) };
    const found = readable(await this.artifacts.list({ ...query, limit }));
    return found.map((entity) => summarizeRule(asStored<RuleDocument>(entity)));
  }

  /** Damaged or not. */
  async #entity(name: EntityName): Promise<StoredEntity | undefined> {
    const entity = await this.artifacts.get(storeId(name));
    if (entity !== undefined && entity.collection !== 'rules') throw rejections.notInCollection();
    return entity;
  }

  async #stored(name: EntityName): Promise<StoredRule> {
    const found = await this.#entity(name);
    if (found === undefined) throw rejections.notFound();
    return asStored<RuleDocument>(found);
  }

  /** The trigger of a rule; undefined if it is gone or damaged, or something else has its name now. */
  async #triggerOf({ document }: StoredRule): Promise<StoredTrigger | undefined> {
    const entity = await this.artifacts.get(storeId(nameOfReference(document.trigger)));
    return entity?.collection === 'triggers' && !entity.isDamaged ? asStored<TriggerDocument>(entity) : undefined;
  }

  /** The triggers that may know of a rule: its own, or, of one that does not say any more which that is, all that do. */
  async #holdersOf(rule: StoredEntity, name: EntityName): Promise<StoredTrigger[]> {
    if (!rule.isDamaged) {
      const trigger = await this.#triggerOf(asStored<RuleDocument>(rule));
      return trigger === undefined ? [] : [trigger];
    }
    const query = { collection: 'triggers', namespace: name.namespace } as const;
    const { listMaxCount: limit } = this.limits;
    const holders: StoredTrigger[] = [];
    const total = await this.artifacts.count({ ...query, skip: 0 });
    for (let skip = 0; skip < total; skip += limit) {
      const page = readable(await this.artifacts.list({ ...query, skip, limit }));
      const triggers = page.map((entity) => asStored<TriggerDocument>(entity));
      holders.push(...triggers.filter(({ document }) => document.rules?.[fullyQualifiedName(name)] !== undefined));
    }
    return holders;
  }

  async #existingTrigger(name: EntityName): Promise<StoredTrigger> {
    const found = await this.triggers.find(name);
    if (found === undefined) throw rejections.notValid(messages.ruleTriggerMissing(fullyQualifiedName(name)));
    return found;
  }

  async #requireReadable(identity: Identity, { namespace, packageName, name }: EntityName): Promise<void> {
    const target = entityTarget(identity, namespace, packageName === undefined ? [name] : [packageName, name], 'read');
    await this.actions.locate(identity.namespace, target);
  }

  async #requireAction(identity: Identity, name: EntityName): Promise<void> {
    try {
      await this.actions.stored((await this.actions.locate(identity.namespace, name)).id);
    } catch (error) {
      const isMissing = error instanceof Rejection && error.status === 404;
      throw isMissing ? rejections.notValid(messages.ruleActionMissing(fullyQualifiedName(name))) : error;
    }
  }

  /** Again from the start when somebody else has written meanwhile what this was about to write. */
  async #trying<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        const isOvertaken = error instanceof StoreError && error.code === 'conflict';
        if (!isOvertaken || tries >= triesMax) throw error;
      }
    }
  }
}

/** Triggers are their owner's alone. */
function requireTrigger(identity: Identity, { namespace, packageName, name }: EntityName): void {
  entityTarget(identity, namespace, packageName === undefined ? [name] : [packageName, name], 'write');
}

/** The trigger with other rules; everything else stays, its time of writing too. */
function linking(trigger: StoredTrigger, document: TriggerDocument): EntityChange {
  const { revision, updated } = trigger;
  return {
    put: { ...storeId(trigger), collection: 'triggers', document: { ...document }, updated, replaces: revision },
  };
}
