// What a web action gets as its arguments: the HTTP request, as `__ow_*` members, and what query and body say. Pure.
//
// Guarantees: query and body cannot set what is reserved or final; later wins, in the order query, body; a JSON object's text is passed on as
// it was sent where nothing has to be merged into it. A raw action (`raw-http`) gets both as they are, and nothing is merged.
import type { IncomingHttpHeaders } from 'node:http';
import { rejections } from '#entity';
import type { ParsedPayload } from '../../invoke/payload';
import { parseJson } from '../json-body';
import { declaredText, isJson, isJsonFamily, type MediaType, parseMediaType } from './media-types';
import type { WebTarget } from './web-path';

export interface WebRequest {
  /** As in the request line. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly target: WebTarget;
  /** Namespace of the caller, if there were valid credentials. */
  readonly user: string | undefined;
  readonly body: Buffer;
}

const reserved = new Set(['__ow_method', '__ow_headers', '__ow_path', '__ow_user', '__ow_query', '__ow_body']);

/** What carries the body over the wire, and what switches on our own logs, is not the action's business. */
const withheld = new Set(['content-length', 'content-type', 'transfer-encoding', 'x-ow-extra-logging']);

const bytesType: MediaType = parseMediaType('application/octet-stream')!;

/** Undefined: there is neither a body nor a declared type. */
function bodyType({ headers, body }: WebRequest): MediaType | undefined {
  const declared = headers['content-type'];
  const type = declared === undefined ? undefined : parseMediaType(declared);
  return type ?? (body.length > 0 ? bytesType : undefined);
}

function shownHeaders({ headers }: WebRequest, type: MediaType | undefined): Record<string, unknown> {
  const shown: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(headers)) if (!withheld.has(name)) shown[name] = [value].flat().join(', ');
  const contentType = type === undefined ? headers['content-type'] : declaredText(type);
  if (contentType !== undefined) shown['content-type'] = contentType;
  return shown;
}

function opaqueBody(body: Buffer, type: MediaType): string {
  return body.toString(type.kind === 'binary' || isJson(type) ? 'base64' : 'utf8');
}

interface GivenBody {
  /** Members to merge. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** The members' own text, if they came as JSON. */
  readonly text?: string;
  /** What is no object: it becomes `__ow_body`. */
  readonly opaque?: unknown;
}

function readForm(text: string): GivenBody {
  return { members: Object.fromEntries(new URLSearchParams(text)) };
}

function readJson(text: string): GivenBody {
  const value = parseJson(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { members: value as Record<string, unknown>, text } : { opaque: value };
}

/** Throws the 400 of malformed JSON. */
function readBody({ body }: WebRequest, type: MediaType | undefined): GivenBody {
  if (type === undefined || (body.length === 0 && isJsonFamily(type))) return {};
  if (isJsonFamily(type)) return readJson(body.toString('utf8'));
  if (type.essence === 'application/x-www-form-urlencoded') return readForm(body.toString('utf8'));
  return { opaque: opaqueBody(body, type) };
}

type Members = Record<string, unknown>;

function metadata(request: WebRequest, type: MediaType | undefined): Members {
  const { method, target, user } = request;
  const members: Members = Object.create(null) as Members;
  members.__ow_method = method.toLowerCase();
  members.__ow_headers = shownHeaders(request, type);
  members.__ow_path = target.path;
  if (user !== undefined) members.__ow_user = user;
  return members;
}

const payloadOf = (request: WebRequest, value: Members, text = JSON.stringify(value)): ParsedPayload => ({
  text,
  value,
  keys: Object.keys(value),
  sentBytes: request.body.length + request.target.query.length,
});

function rawArguments(request: WebRequest, type: MediaType | undefined): ParsedPayload {
  const value = metadata(request, type);
  value.__ow_query = request.target.query;
  value.__ow_body = type === undefined ? '' : opaqueBody(request.body, type);
  return payloadOf(request, value);
}

/** `immutable`: the action's final parameters. Throws the 400 of a request that sets them, or what is reserved, and that of malformed JSON. */
export function webArguments(request: WebRequest, isRaw: boolean, immutable: ReadonlySet<string>): ParsedPayload {
  const type = bodyType(request);
  if (isRaw) return rawArguments(request, type);
  const body = readBody(request, type);
  const query = Object.entries(Object.fromEntries(new URLSearchParams(request.target.query)));
  const members = Object.entries(body.members ?? {});
  const value = metadata(request, type);
  for (const [key, given] of [...query, ...members]) {
    if (reserved.has(key) || immutable.has(key)) throw rejections.parametersNotAllowed();
    value[key] = given;
  }
  if ('opaque' in body) value.__ow_body = body.opaque;
  if (body.text === undefined || query.length > 0 || members.length === 0) return payloadOf(request, value);
  const front = JSON.stringify(metadata(request, type)).slice(0, -1);
  return payloadOf(request, value, `${front},${body.text.trim().slice(1)}`);
}
