// Query parameters, read as OpenWhisk reads them. Every error about one parameter begins with its name.
//
// A parameter that occurs several times counts once, the first time. Unknown ones are ignored.
import type { Limits } from '#limits';
import { messages } from './messages';
import { isName } from './names';
import { rejections } from './rejections';

/** Decoded parameters of a request. */
export interface Query {
  get(name: string): string | null;
}

const yes = new Set(['true', 'yes', 'on', '1']);
const no = new Set(['false', 'no', 'off', '0']);

export function readBoolean(query: Query, name: string, whenAbsent: boolean): boolean {
  const text = query.get(name)?.toLowerCase() ?? '';
  if (text === '') return whenAbsent;
  if (yes.has(text)) return true;
  if (no.has(text)) return false;
  throw rejections.malformedQuery(name, messages.notBoolean(text));
}

const integerMax = 2_147_483_647;

function readInteger(query: Query, name: string, collection: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || value > integerMax || value < -integerMax - 1) {
    throw rejections.malformedQuery(name, messages.notInteger(text, collection));
  }
  return value;
}

export interface Page {
  readonly skip: number;
  readonly limit: number;
  readonly isCount: boolean;
}

/** `skip`, `limit` and `count` of every list. `limit=0` asks for as many as there may be. */
export function readPage(query: Query, collection: string, limits: Limits): Page {
  const skip = readInteger(query, 'skip', collection) ?? 0;
  if (skip < 0) throw rejections.malformedQuery('skip', messages.skipOutOfRange(skip, collection));
  const limit = readInteger(query, 'limit', collection) ?? limits.listDefaultCount;
  if (limit < 0 || limit > limits.listMaxCount) {
    throw rejections.malformedQuery('limit', messages.limitOutOfRange(limit, limits.listMaxCount, collection));
  }
  return { skip, limit: limit === 0 ? limits.listMaxCount : limit, isCount: readBoolean(query, 'count', false) };
}

/** Milliseconds since 1970. */
function readEpoch(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text) || Math.abs(value) >= 2 ** 63) {
    throw rejections.malformedQuery(name, messages.notEpoch(text));
  }
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER));
}

/** `name` or `package/name`; blank means all. */
function readNameFilter(query: Query): { name?: string; packageName?: string } {
  const text = query.get('name') ?? '';
  if (text.trim() === '') return {};
  const parts = text.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (first === undefined || parts.length > 2 || !parts.every(isName)) {
    throw rejections.malformedQuery('name', messages.badNameFilter(text));
  }
  return second === undefined ? { name: first } : { packageName: first, name: second };
}

export interface ActivationFilter extends Page {
  readonly hasDocs: boolean;
  readonly name?: string;
  readonly packageName?: string;
  readonly since?: number;
  readonly upto?: number;
}

/** What a list of activations understands. */
export function readActivationFilter(query: Query, limits: Limits): ActivationFilter {
  const page = readPage(query, 'activations', limits);
  const hasDocs = readBoolean(query, 'docs', false);
  const filter = readNameFilter(query);
  const since = readEpoch(query, 'since');
  const upto = readEpoch(query, 'upto');
  if (page.isCount && hasDocs) throw rejections.notValid(messages.docsNotWithCount);
  return {
    ...page,
    hasDocs,
    ...filter,
    ...(since === undefined ? {} : { since }),
    ...(upto === undefined ? {} : { upto }),
  };
}

/** `timeout` of an invocation: how long the client waits. */
export function readWait(query: Query, limits: Limits): number {
  const text = query.get('timeout');
  if (text === null) return limits.blockingWaitMs;
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > limits.blockingWaitMs) {
    throw rejections.malformedQuery('timeout', messages.timeoutOutOfRange(limits.blockingWaitMs));
  }
  return value;
}
