// The members of an object that is JSON text, however it is laid out, with their values as text: results of actions are passed on, taken
// apart and put together digit by digit, and never walked recursively, since they may be nested as deep as their bytes allow.
//
// Expects valid JSON: a text that was not parsed before may end in a SyntaxError, or in nonsense.

import { afterSpace, afterString, afterValue } from './json-text';

/** Key -> text of the value, in the order of the keys; of a key that comes twice the last value, as JSON.parse has it. Undefined: no object. */
export function membersOf(text: string): Map<string, string> | undefined {
  let index = afterSpace(text, 0);
  if (text[index] !== '{') return undefined;
  const members = new Map<string, string>();
  index = afterSpace(text, index + 1);
  while (text[index] === '"') {
    const keyEnd = afterString(text, index);
    const key = JSON.parse(text.slice(index, keyEnd)) as string;
    const colon = afterSpace(text, keyEnd);
    const start = afterSpace(text, colon + 1);
    const end = afterValue(text, start);
    members.set(key, text.slice(start, end).trimEnd());
    const comma = afterSpace(text, end);
    if (text[comma] !== ',') break;
    index = afterSpace(text, comma + 1);
  }
  return members;
}

/** The inverse: JSON text of an object. */
export function objectText(members: Iterable<readonly [string, string]>): string {
  return `{${Array.from(members, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

/** Two objects as one; `over` wins. Both have to be objects. */
export function mergedText(under: string, over: string): string {
  return objectText(new Map([...(membersOf(under) ?? []), ...(membersOf(over) ?? [])]));
}

/** What may be walked recursively is nested no deeper. */
export const jsonNestingMax = 1_000;

/** Depth of arrays and objects in JSON text, stopping at `max + 1`. */
export function nestingOf(text: string, max: number): number {
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length && deepest <= max; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) index = afterString(text, index) - 1;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}
