// From an activation's result to the HTTP response that a web action's extension promises: status, headers, body. Pure.
//
// Guarantees: every result gives a response or a refusal in OpenWhisk's words; what is JSON keeps its digits and is laid out for people; text
// is UTF-8; a client that does not read the type is refused where the response would be no error.
import type { IncomingHttpHeaders } from 'node:http';
import { isBinary, memberText, prettyJson, rejections } from '#entity';
import { accepts } from '../accept';
import { type ActionHeaders, readActionHeaders } from './action-headers';
import { isJson, isJsonFamily, type MediaType, parseMediaType, sentText } from './media-types';
import type { WebExtension } from './web-path';

export interface WebResponse {
  readonly status: number;
  /** Name, value, name, value; a name may come again. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

interface Content {
  readonly type: MediaType;
  readonly body: Buffer;
}

const types = {
  html: parseMediaType('text/html')!,
  json: parseMediaType('application/json')!,
  svg: parseMediaType('image/svg+xml')!,
  text: parseMediaType('text/plain')!,
};

const none = Buffer.alloc(0);
const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** JSON text, by what it begins with. */
const isObjectText = (text: string): boolean => /^\s*\{/.test(text);
const isListText = (text: string): boolean => /^\s*\[/.test(text);
const stringOf = (text: string): string | undefined => (/^\s*"/.test(text) ? (JSON.parse(text) as string) : undefined);

/** Undefined for what is not base64, whose padding may be missing. */
function decoded(text: string): Buffer | undefined {
  const digits = text.indexOf('=') < 0 ? text.length : text.indexOf('=');
  const isWhole = digits === text.length ? digits % 4 !== 1 : text.length % 4 === 0;
  return isWhole && base64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The action's own status; undefined for none. 1xx cannot end a response, and beyond 599 nothing is defined. */
function statusOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const given: unknown = JSON.parse(text);
  const isNumber = typeof given === 'number' || (typeof given === 'string' && /^[+-]?\d+$/.test(given));
  const status = isNumber ? Number(given) : NaN;
  if (!Number.isInteger(status) || status < 200 || status > 599) throw rejections.invalidMedia('message/http');
  return status;
}

/** A body that the action gave as text. */
function stringContent(text: string, contentType: string | undefined): Content {
  const type = contentType === undefined ? types.html : parseMediaType(contentType);
  if (type === undefined) throw rejections.unknownResponseType();
  if (isJsonFamily(type)) return { type, body: isBinary(text) ? Buffer.from(text, 'base64') : utf8(text) };
  if (type.kind !== 'binary') return { type, body: utf8(text) };
  const body = decoded(text);
  if (body === undefined) throw rejections.responseTypeMismatch();
  return { type, body };
}

/** A body that the action gave as anything else. */
function jsonContent(text: string, contentType: string | undefined): Content {
  const declared = contentType === undefined ? types.json : parseMediaType(contentType);
  if (declared === undefined || !isJsonFamily(declared)) throw rejections.responseTypeMismatch();
  const type: MediaType = isJson(declared)
    ? types.json
    : { essence: declared.essence, text: declared.essence, kind: 'fixed', charset: undefined };
  return { type, body: utf8(prettyJson(text)) };
}

const bodyless = new Set([204, 205, 304]);

function respond(status: number, fields: readonly string[], content: Content | undefined, shown?: string): Negotiable {
  return { status, fields, content: bodyless.has(status) ? undefined : content, shown };
}

interface Negotiable {
  readonly status: number;
  readonly fields: readonly string[];
  readonly content: Content | undefined;
  /** How the type is named to a client that does not read it, if not as it would be sent. */
  readonly shown?: string | undefined;
}

function asHttp(text: string): Negotiable {
  if (!isObjectText(text)) throw rejections.invalidMedia('message/http');
  const headersText = memberText(text, 'headers');
  const { fields, contentType }: ActionHeaders = readActionHeaders(
    headersText === undefined ? undefined : JSON.parse(headersText),
  );
  const status = statusOf(memberText(text, 'statusCode'));
  const body = memberText(text, 'body');
  const string = body === undefined ? '' : stringOf(body);
  if (body === undefined || body === 'null' || string === '') return respond(status ?? 204, fields, undefined);
  const content = string === undefined ? jsonContent(body, contentType) : stringContent(string, contentType);
  return respond(status ?? 200, fields, content);
}

function asJson(text: string): Negotiable {
  if (!isObjectText(text) && !isListText(text)) throw rejections.invalidMedia(types.json.essence);
  return respond(200, [], { type: types.json, body: utf8(prettyJson(text)) });
}

/** What an object is shown by, or the value itself. */
function projection(text: string, name: string): string | undefined {
  return isObjectText(text) ? (memberText(text, 'body') ?? memberText(text, name)) : text;
}

function asDocument(text: string, name: 'html' | 'svg'): Negotiable {
  const type = types[name];
  const shown = projection(text, name);
  const document = shown === undefined ? undefined : stringOf(shown);
  if (document === undefined) throw rejections.invalidMedia(type.essence);
  return respond(200, [], { type, body: utf8(document) });
}

function asText(text: string): Negotiable {
  const shown = projection(text, 'text');
  if (shown === undefined) throw rejections.propertyNotFound();
  return respond(200, [], { type: types.text, body: utf8(stringOf(shown) ?? prettyJson(shown)) }, types.text.text);
}

function transcode(extension: WebExtension, text: string): Negotiable {
  switch (extension) {
    case '.http':
      return asHttp(text);
    case '.json':
      return asJson(text);
    case '.html':
      return asDocument(text, 'html');
    case '.svg':
      return asDocument(text, 'svg');
    case '.text':
      return asText(text);
  }
}

/**
 * `result` is the JSON text of an activation's result; of one that ended with an application error its member `error` is answered with.
 * Throws a Rejection where the result is not what the extension promises, or not what the client reads.
 */
export function webResponse(
  extension: WebExtension,
  result: string,
  isError: boolean,
  request: IncomingHttpHeaders,
): WebResponse {
  const text = isError ? memberText(result, 'error') : result;
  if (text === undefined) throw rejections.propertyNotFound();
  const { status, fields, content, shown } = transcode(extension, text);
  if (content === undefined) return { status, headers: fields, body: none };
  const type = sentText(content.type);
  if (status < 400 && !accepts(request, content.type.essence)) throw rejections.notAcceptable(shown ?? type);
  return { status, headers: [...fields, 'content-type', type], body: content.body };
}
