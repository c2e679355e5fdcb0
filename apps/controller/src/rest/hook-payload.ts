// What a request to a webhook fires its trigger with: its body as a payload. Pure.
//
// Guarantee: the payload is always an object, from JSON (also `+json`) or a form; of several values of one name in a form the last one counts.
import type { IncomingHttpHeaders } from 'node:http';
import { isObject, messages, rejections } from '#entity';
import { type ParsedPayload, payloadOf } from '../invoke/payload';
import { parseJson } from './json-body';
import { isJsonFamily, parseMediaType } from './web/media-types';

/** Throws 413, 415, or the 400 of malformed content. */
export function hookPayload(headers: IncomingHttpHeaders, body: Buffer | undefined, bytesMax: number): ParsedPayload {
  if (body === undefined || body.length === 0) return payloadOf('', undefined);
  if (body.length > bytesMax) throw rejections.requestTooLarge(body.length, bytesMax);
  const declared = headers['content-type'] ?? '';
  const type = parseMediaType(declared);
  const text = body.toString('utf8');
  if (type?.essence === 'application/x-www-form-urlencoded') {
    const members = Object.fromEntries(new URLSearchParams(text));
    return payloadOf(JSON.stringify(members), members);
  }
  if (type === undefined || !isJsonFamily(type)) throw rejections.unsupportedContentType(declared);
  const value = parseJson(text);
  if (!isObject(value)) throw rejections.malformed(messages.objectExpected);
  return payloadOf(text, value);
}
