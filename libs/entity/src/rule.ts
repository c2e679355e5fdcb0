// The rule as a document, and how it is shown. Whether it is active is said by its trigger (trigger.ts), not by itself.
import type { KeyValue } from './action';
import type { JsonObject } from './json';
import type { EntityName } from './names';
import type { Reference, RuleStatus } from './trigger';

export interface RuleDocument {
  readonly version: string;
  readonly publish: boolean;
  readonly trigger: Reference;
  readonly action: Reference;
  readonly annotations: readonly KeyValue[];
}

export interface StoredRule extends EntityName {
  readonly revision: number;
  readonly updated: number;
  readonly document: RuleDocument;
}

/** Without its status, as in lists. */
export function summarizeRule({ name, namespace, updated, document }: StoredRule): JsonObject {
  const { action, annotations, publish, trigger, version } = document;
  return { action, annotations, name, namespace, publish, trigger, updated, version };
}

export function showRule(rule: StoredRule, status: RuleStatus): JsonObject {
  return { ...summarizeRule(rule), status };
}
