// Members of an object that is JSON text, without parsing their values: records are up to a megabyte of text that has only to be passed
// on, digit by digit as the action wrote it.
//
// Expects JSON of an object, compact or not; answers undefined if it meets anything else.

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The index of what comes after white space. */
export function afterSpace(text: string, at: number): number {
  let index = at;
  while (text.charCodeAt(index) <= 0x20) index++;
  return index;
}

/**
 * The index after the string that begins at `at`. By searching for quotes, which the engine does many bytes at a time: a body of a megabyte is often one string, and looking at each of its
 * characters held up everybody else for 4 ms.
 */
export function afterString(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    // It ends the string unless an odd number of backslashes stands before it. Each run of them is looked at once.
    let first = quote;
    while (first > at + 1 && text.charCodeAt(first - 1) === 0x5c) first--;
    if ((quote - first) % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** The index after the value that begins at `at`. */
export function afterValue(text: string, at: number): number {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    const character = text[index]!;
    if (character === '"') {
      index = afterString(text, index) - 1;
    } else if (character === '{' || character === '[') {
      depth++;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return index;
      depth--;
    } else if (character === ',' && depth === 0) {
      return index;
    }
    if (depth === 0 && (character === '"' || character === '}' || character === ']')) return index + 1;
  }
  return text.length;
}

function rangeOf(text: string, key: string): Range | undefined {
  let index = afterSpace(text, 0);
  if (text[index] !== '{') return undefined;
  index = afterSpace(text, index + 1);
  while (text[index] === '"') {
    const keyEnd = afterString(text, index);
    const colon = afterSpace(text, keyEnd);
    if (text[colon] !== ':') return undefined;
    const start = afterSpace(text, colon + 1);
    const after = afterValue(text, start);
    if (JSON.parse(text.slice(index, keyEnd)) === key) {
      let end = after;
      while (text.charCodeAt(end - 1) <= 0x20) end--;
      return { start, end };
    }
    const comma = afterSpace(text, after);
    if (text[comma] !== ',') return undefined;
    index = afterSpace(text, comma + 1);
  }
  return undefined;
}

/** The text of a member's value; undefined if there is no such member. */
export function memberText(object: string, key: string): string | undefined {
  const range = rangeOf(object, key);
  return range && object.slice(range.start, range.end);
}

/** The object with another value for a member that it has; unchanged if it has none. */
export function withMemberText(object: string, key: string, value: string): string {
  const range = rangeOf(object, key);
  return range === undefined ? object : object.slice(0, range.start) + value + object.slice(range.end);
}
