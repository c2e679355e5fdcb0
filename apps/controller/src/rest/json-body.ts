// Request bodies: bytes to JSON, with OpenWhisk's refusals. Plain; the raw invoke route reads its payload with it, too.
//
// Guarantee: what comes out is nested at most `jsonNestingMax` deep, so that nothing which walks it recursively can run out of stack.
import type { IncomingHttpHeaders } from 'node:http';
import { jsonNestingMax, messages, nestingOf, rejections } from '#entity';

/** Throws 415 unless the body is declared to be JSON. Without a type it counts as bytes. */
export function checkJsonType(headers: IncomingHttpHeaders): void {
  const declared = (headers['content-type'] ?? 'application/octet-stream').split(';')[0]!.trim();
  if (declared.toLowerCase() !== 'application/json') throw rejections.unsupportedContentType(declared);
}

/** Throws the 400 of malformed content, also for no content at all. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw rejections.malformed(error.message);
    throw error;
  }
  if (nestingOf(text, jsonNestingMax) > jsonNestingMax) {
    throw rejections.malformed(`JSON input nested too deeply: more than ${jsonNestingMax} levels`);
  }
  return value;
}

/** A body that has to be there (PUT). */
export function jsonBody(headers: IncomingHttpHeaders, body: Buffer | undefined): unknown {
  if (body !== undefined && body.length > 0) checkJsonType(headers);
  return parseJson(body?.toString('utf8') ?? '');
}

/** The payload of an invocation: an object, or undefined if there is no body. */
export function jsonPayload(text: string): Record<string, unknown> | undefined {
  if (text === '') return undefined;
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw rejections.malformed(messages.objectExpected);
  }
  return value as Record<string, unknown>;
}
