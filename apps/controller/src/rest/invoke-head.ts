// The head of an invocation request: what its URL and its headers say, each read once.
//
// One object may stand for many requests, since most of those on a kept connection come with the very same head (direct-head.ts). What is
// refused throws each time; only what was understood is kept.
import type { IncomingHttpHeaders } from 'node:http';
import { readBoolean, readWait, rejections } from '#entity';
import type { Limits } from '#limits';
import { acceptsJson } from './accept';
import { type ApiPath, parsePath } from './api-path';
import { checkJsonType } from './json-body';
import { jsonType } from './replies';

const prefix = '/api/v1/namespaces/';
const pattern = /^\/api\/v1\/namespaces\/[^/?]+\/actions\/[^/?]+(?:\/[^/?]+)?(?:\?|$)/;

/** POST /api/v1/namespaces/{ns}/actions/[{package}/]{action} */
export function isInvocation(method: string | undefined, url: string | undefined): url is string {
  return method === 'POST' && url !== undefined && url.startsWith(prefix) && pattern.test(url);
}

/** What the query asks for. */
export interface InvokeOptions {
  readonly isBlocking: boolean;
  readonly isResult: boolean;
  readonly waitMs: number;
}

export class InvokeHead {
  private parsed: ApiPath | undefined;
  private read: InvokeOptions | undefined;
  private isJson = false;
  private isAccepted = false;

  constructor(
    readonly url: string,
    readonly headers: IncomingHttpHeaders,
  ) {}

  /** Throws the 400 of a path that cannot be decoded. */
  get path(): ApiPath {
    return (this.parsed ??= parsePath(this.url));
  }

  /** Throws the 400s of values that are none. */
  options(limits: Limits): InvokeOptions {
    const { query } = this.path;
    return (this.read ??= {
      isBlocking: readBoolean(query, 'blocking', false),
      isResult: readBoolean(query, 'result', false),
      waitMs: readWait(query, limits),
    });
  }

  /** Throws the 415 of a body that is not declared to be JSON. */
  checkJsonType(): void {
    if (this.isJson) return;
    checkJsonType(this.headers);
    this.isJson = true;
  }

  /** Throws the 406 of a client that does not read JSON. */
  checkAccept(): void {
    if (this.isAccepted) return;
    if (!acceptsJson(this.headers)) throw rejections.notAcceptable(jsonType);
    this.isAccepted = true;
  }
}
