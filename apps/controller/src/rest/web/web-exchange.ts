// One request for a web action and its one answer, as node:http read it.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { BodyReader, ExchangeOver } from '../exchange';
import { readBody } from '../read-body';
import type { WebResponse } from './web-response';

const bodyless = new Set([204, 304]);

export class WebExchange {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Hears once how it ended: answered, or the client went away before that. To be set at once. */
  over: ExchangeOver | undefined;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.method = request.method ?? '';
    this.url = request.url ?? '';
    this.headers = request.headers;
    response.once('close', () => this.over?.exchangeOver(response.writableEnded));
  }

  /** Tells the reader once, now or later. A longer body than `bytesMax` is an error that says so. */
  readBody(bytesMax: number, reader: BodyReader): void {
    readBody(this.request, bytesMax, (error, body) => reader.bodyRead(error, body));
  }

  /** After the first answer, or when the client is gone, nothing happens. */
  respond({ status, headers, body }: WebResponse): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    const length = bodyless.has(status) ? [] : ['content-length', String(body.length)];
    response.writeHead(status, [...headers, ...length]);
    response.end(body);
  }
}
