// PUT and POST of a rule: from a request body to the document that is stored, or to the state that is wanted. Pure.
import { noQuery } from './action-put';
import { type CommonPut, composeCommon, readCommonPut, readLists } from './entity-put';
import { isObject } from './json';
import { messages } from './messages';
import { type EntityName, resolveReference } from './names';
import { rejections } from './rejections';
import type { RuleDocument } from './rule';
import { referenceTo, type RuleStatus } from './trigger';

export interface RulePut extends CommonPut {
  readonly trigger: EntityName | undefined;
  readonly action: EntityName | undefined;
}

/** `/ns/[pkg/]name`, or `{path, name}`. */
function readReference(value: unknown, callerNamespace: string): EntityName | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return resolveReference(value, callerNamespace);
  if (isObject(value) && typeof value.path === 'string' && typeof value.name === 'string') {
    return resolveReference(`${value.path}/${value.name}`, callerNamespace);
  }
  throw rejections.malformed(messages.referenceMalformed);
}

/** Reads and checks a body, and the query after its lists; its `status` is ignored. Throws a Rejection. */
export function readRulePut(
  body: unknown,
  callerNamespace: string,
  parametersBytes: number,
  readQuery: () => void = noQuery,
): RulePut {
  if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
  readLists(body, parametersBytes);
  readQuery();
  return {
    trigger: readReference(body.trigger, callerNamespace),
    action: readReference(body.action, callerNamespace),
    ...readCommonPut(body),
  };
}

/** The document to store. Throws the 400 of a new rule that lacks its trigger or its action. */
export function composeRule(put: RulePut, stored: RuleDocument | undefined): RuleDocument {
  const trigger = put.trigger ? referenceTo(put.trigger) : stored?.trigger;
  const action = put.action ? referenceTo(put.action) : stored?.action;
  if (trigger === undefined || action === undefined) throw rejections.notValid(messages.ruleIncomplete);
  return { ...composeCommon(put, stored), trigger, action };
}

/** The state that a POST asks for. Throws the 400 of malformed content. */
export function readRuleStatus(body: unknown): RuleStatus {
  if (!isObject(body) || typeof body.status !== 'string') throw rejections.malformed(messages.ruleStatusMissing);
  const { status } = body;
  if (status === 'active' || status === 'inactive') return status;
  throw rejections.malformed(messages.requirementFailed(messages.ruleStatusUnknown(status)));
}
