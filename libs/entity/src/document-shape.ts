// Whether a stored document is one: what the entity layer relies on when it shows, lists or runs it. Pure.
//
// Guarantee: every document that a PUT made is one, of whatever version of Hearth; members that are not looked at may be anything.
import { sequenceKind } from './exec';
import { isObject } from './json';

export type DocumentKind = 'actions' | 'packages' | 'triggers' | 'rules';
type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isListOf =
  (isItem: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(isItem);
const isKeyed = isListOf((item) => isObject(item) && isString(item.key));
const isReference: Check = (value) => isObject(value) && isString(value.path) && isString(value.name);
const isAbsentOr =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value);

const isExec: Check = (value) =>
  isObject(value) && isString(value.kind) && (value.kind !== sequenceKind || isListOf(isString)(value.components));
const isLimits: Check = (value) =>
  isObject(value) && ['concurrency', 'logs', 'memory', 'timeout'].every((name) => isNumber(value[name]));
const isBinding: Check = (value) => isObject(value) && isString(value.namespace) && isString(value.name);
const isRuleLink: Check = (value) => isObject(value) && isReference(value.action) && isString(value.status);
const isRuleLinks: Check = (value) => isObject(value) && Object.values(value).every(isRuleLink);
const isWebhook: Check = (value) => isObject(value) && isString(value.digest) && isListOf(isString)(value.headers);

const common = { version: isString, publish: (value: unknown) => typeof value === 'boolean', annotations: isKeyed };
const shapes: Readonly<Record<DocumentKind, Readonly<Record<string, Check>>>> = {
  actions: { ...common, exec: isExec, parameters: isKeyed, limits: isLimits },
  packages: { ...common, parameters: isKeyed, binding: isAbsentOr(isBinding) },
  triggers: { ...common, parameters: isKeyed, rules: isAbsentOr(isRuleLinks), webhook: isAbsentOr(isWebhook) },
  rules: { ...common, trigger: isReference, action: isReference },
};

/** `value` as it was read from JSON. */
export function isDocument(kind: DocumentKind, value: unknown): boolean {
  return isObject(value) && Object.entries(shapes[kind]).every(([name, is]) => is(value[name]));
}
