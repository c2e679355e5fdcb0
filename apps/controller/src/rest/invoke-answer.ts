// Answers of the invoke route. Header names and constant values are laid out once, since this runs for every invocation.
import type { ServerResponse } from 'node:http';
import { activationHeader, corsHeaders, jsonType, transactionHeader } from './replies';

const constantHeaders = [...Object.entries(corsHeaders).flat(), 'content-type', jsonType];

export class InvokeAnswer {
  constructor(
    private readonly response: ServerResponse,
    private readonly transaction: string,
  ) {}

  accepted(activationId: string): void {
    this.finished(202, activationId, `{"activationId":"${activationId}"}`);
  }

  /** `body` is JSON text. */
  finished(status: number, activationId: string, body: string): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, [
      transactionHeader,
      this.transaction,
      activationHeader,
      activationId,
      'content-length',
      String(Buffer.byteLength(body)),
      ...constantHeaders,
    ]);
    response.end(body);
  }
}
