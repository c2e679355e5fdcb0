// One request for a web action and its one answer, whoever reads it off the connection: node:http, or the connection itself for plain ones
// (direct-connection.ts).
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { BodyReader, ExchangeOver } from '../exchange';
import { readBody } from '../read-body';
import type { WebTarget } from './web-path';
import type { WebResponse } from './web-response';

/** One object may stand for many requests that say the same. */
export interface WebHead {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly target: WebTarget;
}

export interface WebExchange {
  readonly head: WebHead;
  /** Hears once how it ended: answered, or the client went away before that. To be set at once. */
  over: ExchangeOver | undefined;
  /** Tells the reader once, now or later. A longer body than `bytesMax` is an error that says so. */
  readBody(bytesMax: number, reader: BodyReader): void;
  /** After the first answer, or when the client is gone, nothing happens. */
  respond(response: WebResponse): void;
}

/** Responses that have no body, and so no length. */
export function isBodyless(status: number): boolean {
  return status === 204 || status === 304;
}

export class HttpWebExchange implements WebExchange {
  readonly head: WebHead;
  over: ExchangeOver | undefined;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    target: WebTarget,
  ) {
    this.head = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, target };
    response.once('close', () => this.over?.exchangeOver(response.writableEnded));
  }

  readBody(bytesMax: number, reader: BodyReader): void {
    readBody(this.request, bytesMax, (error, body) => reader.bodyRead(error, body));
  }

  respond({ status, headers, body }: WebResponse): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    const length = isBodyless(status) ? [] : ['content-length', String(body.length)];
    response.writeHead(status, [...headers, ...length]);
    response.end(body);
  }
}
