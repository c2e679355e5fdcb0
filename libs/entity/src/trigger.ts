// The trigger as a document, how it is shown, and the rules that hang on it. The state of a rule is kept here, with the trigger that fires it.
import type { KeyValue, Parameter } from './action';
import type { JsonObject } from './json';
import { type EntityName, entityPath, fullyQualifiedName } from './names';
import type { Webhook } from './webhook';

/** An entity as documents name it. */
export interface Reference {
  /** `namespace` or `namespace/package` */
  readonly path: string;
  readonly name: string;
}

export type RuleStatus = 'active' | 'inactive';

/** What a trigger knows of a rule. */
export interface RuleLink {
  readonly action: Reference;
  readonly status: RuleStatus;
}

export interface TriggerDocument {
  readonly version: string;
  readonly publish: boolean;
  readonly parameters: readonly Parameter[];
  readonly annotations: readonly KeyValue[];
  /** By the fully qualified name of the rule, in the order in which they came. Absent until there was one. */
  readonly rules?: Readonly<Record<string, RuleLink>>;
  /** Never shown with the trigger. */
  readonly webhook?: Webhook;
}

export interface StoredTrigger extends EntityName {
  readonly revision: number;
  readonly updated: number;
  readonly document: TriggerDocument;
}

export function referenceTo(name: EntityName): Reference {
  return { name: name.name, path: entityPath(name) };
}

export function nameOfReference({ path, name }: Reference): EntityName {
  const [namespace = '', packageName] = path.split('/');
  return { namespace, packageName, name };
}

/** What `rule` is at this trigger; a rule that does not hang on it is inactive. */
export function statusAt(trigger: TriggerDocument | undefined, rule: EntityName): RuleStatus {
  return trigger?.rules?.[fullyQualifiedName(rule)]?.status ?? 'inactive';
}

/** The trigger with this rule on it, as the last one. */
export function withRule(trigger: TriggerDocument, rule: EntityName, link: RuleLink): TriggerDocument {
  return { ...trigger, rules: { ...withoutRule(trigger, rule).rules, [fullyQualifiedName(rule)]: link } };
}

/** The trigger without this rule; that it once had rules is still seen. */
export function withoutRule(trigger: TriggerDocument, rule: EntityName): TriggerDocument {
  if (trigger.rules === undefined) return trigger;
  const gone = fullyQualifiedName(rule);
  return { ...trigger, rules: Object.fromEntries(Object.entries(trigger.rules).filter(([name]) => name !== gone)) };
}

function showCommon({ name, namespace, updated, document }: StoredTrigger): JsonObject {
  return {
    annotations: document.annotations,
    name,
    namespace,
    publish: document.publish,
    updated,
    version: document.version,
  };
}

export function showTrigger(trigger: StoredTrigger): JsonObject {
  const { parameters, rules } = trigger.document;
  return { ...showCommon(trigger), limits: {}, parameters, ...(rules === undefined ? {} : { rules }) };
}

/** How a trigger is shown in lists. */
export function summarizeTrigger(trigger: StoredTrigger): JsonObject {
  return showCommon(trigger);
}
