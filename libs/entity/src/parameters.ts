// Parameters and annotations: lists of {key, value} in documents, where the last of a key wins.
//
// Guarantee: a list that was read here has each key once, at the place where the key came first. Parameters of packages and actions
// merge with inherited keys first; an overriding value keeps the inherited place (compatibility notes, R8 and A8).
import type { KeyValue, Parameter } from './action';
import { isObject } from './json';
import { messages } from './messages';
import { rejections } from './rejections';

const encryptions = new Set(['aes-128', 'aes-256']);

/** Later lists override earlier ones, key by key. */
export function mergeByKey<Item extends KeyValue>(...lists: readonly (readonly Item[])[]): Item[] {
  const merged = new Map<string, Item>();
  for (const list of lists) for (const item of list) merged.set(item.key, item);
  return [...merged.values()];
}

function readParameter(item: unknown): Parameter {
  if (!isObject(item) || typeof item.key !== 'string' || !('value' in item)) {
    throw rejections.malformed(messages.parametersMalformed);
  }
  const { init, encryption } = item;
  if (init !== undefined && init !== null && typeof init !== 'boolean') {
    throw rejections.malformed(messages.parametersMalformed);
  }
  if (encryption !== undefined && encryption !== null && !encryptions.has(encryption as string)) {
    throw rejections.malformed(messages.parametersMalformed);
  }
  return init === true ? { key: item.key, value: item.value, init: true } : { key: item.key, value: item.value };
}

/** The `parameters` of a request body; undefined if they were not given. */
export function readParameters(value: unknown): Parameter[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw rejections.malformed(messages.parametersMalformed);
  return mergeByKey(value.map(readParameter));
}

/** The `annotations` of a request body; undefined if they were not given. */
export function readAnnotations(value: unknown): KeyValue[] | undefined {
  return readParameters(value)?.map(({ key, value: content }) => ({ key, value: content }));
}

/** What counts against the limit: bytes of the keys and of the values as compact JSON. */
export function sizeOfList(list: readonly KeyValue[]): number {
  return list.reduce(
    (size, { key, value }) => size + Buffer.byteLength(key) + Buffer.byteLength(JSON.stringify(value) ?? ''),
    0,
  );
}

/** An init parameter as an environment variable: text as it is, null as nothing, everything else as JSON. */
function asVariable(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `init: true` parameters as environment variables of /init. */
export function initEnvironment(parameters: readonly Parameter[]): Record<string, string> {
  return Object.fromEntries(parameters.filter(({ init }) => init).map(({ key, value }) => [key, asVariable(value)]));
}
