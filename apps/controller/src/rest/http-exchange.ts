// An exchange that node:http has read.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyReader, Exchange, ExchangeOver } from './exchange';
import { InvokeHead } from './invoke-head';
import { readBody } from './read-body';
import { activationHeader, corsHeaders, jsonType, transactionHeader } from './replies';

const constantFields = [...Object.entries(corsHeaders).flat(), 'content-type', jsonType];

export class HttpExchange implements Exchange {
  readonly head: InvokeHead;
  over: ExchangeOver | undefined;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.head = new InvokeHead(request.url ?? '', request.headers);
    response.once('close', () => this.over?.exchangeOver(response.writableEnded));
  }

  readBody(bytesMax: number, reader: BodyReader): void {
    readBody(this.request, bytesMax, (error, body) => reader.bodyRead(error, body));
  }

  reply(status: number, headers: Readonly<Record<string, string>>, body: Buffer): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  }

  activation(status: number, transaction: string, activationId: string, body: string): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, [
      transactionHeader,
      transaction,
      activationHeader,
      activationId,
      'content-length',
      String(Buffer.byteLength(body)),
      ...constantFields,
    ]);
    response.end(body);
  }
}
