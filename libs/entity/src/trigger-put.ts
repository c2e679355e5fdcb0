// PUT of a trigger: from a request body to the document that is stored. Pure.
//
// Guarantee: an update keeps the rules and the webhook of the trigger. The annotation `feed` is looked at when a trigger is made, not later.
import type { Parameter } from './action';
import { noQuery } from './action-put';
import { annotation } from './annotations';
import { type CommonPut, composeCommon, readCommonPut, readLists } from './entity-put';
import { isObject } from './json';
import { messages } from './messages';
import { isName } from './names';
import { rejections } from './rejections';
import type { TriggerDocument } from './trigger';

export interface TriggerPut extends CommonPut {
  readonly parameters: readonly Parameter[] | undefined;
}

/** Reads and checks a body, and the query after its lists. Throws a Rejection. */
export function readTriggerPut(body: unknown, parametersBytes: number, readQuery: () => void = noQuery): TriggerPut {
  if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
  const { parameters } = readLists(body, parametersBytes);
  readQuery();
  const isLimits = body.limits === undefined || body.limits === null || isObject(body.limits);
  if (!isLimits) throw rejections.malformed(messages.objectExpected);
  return { parameters, ...readCommonPut(body) };
}

/** `namespace/package/name`, `namespace/name` or a name; slashes at the ends do no harm. */
function isFeedName(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const parts = value.split('/').filter((part) => part !== '');
  return parts.length > 0 && parts.every(isName);
}

/** The document to store. Throws the 400 of a new trigger with a feed that cannot be one. */
export function composeTrigger(put: TriggerPut, stored: TriggerDocument | undefined): TriggerDocument {
  const common = composeCommon(put, stored);
  const feed = annotation(common.annotations, 'feed');
  if (stored === undefined && feed !== undefined && !isFeedName(feed)) throw rejections.notValid(messages.feedNotValid);
  return {
    ...common,
    parameters: put.parameters ?? stored?.parameters ?? [],
    ...(stored?.rules === undefined ? {} : { rules: stored.rules }),
    ...(stored?.webhook === undefined ? {} : { webhook: stored.webhook }),
  };
}
