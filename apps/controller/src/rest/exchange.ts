// One request and its one answer, whoever reads it off the connection: node:http (http-exchange.ts), or the connection itself for the plain
// invocations that nearly all are (direct-connection.ts).
import type { InvokeHead } from './invoke-head';

export interface Exchange {
  readonly head: InvokeHead;
  /** Hears once how it ended: answered, or the client went away before that. To be set at once. */
  over: ExchangeOver | undefined;
  /** Tells the reader once, now or later. A longer body than `bytesMax` is an error that says so. */
  readBody(bytesMax: number, reader: BodyReader): void;
  /** Answers in JSON. After the first answer, or when the client is gone, nothing happens. */
  reply(status: number, headers: Readonly<Record<string, string>>, body: Buffer): void;
  /** The same with the header fields of an activation, which are laid out once. `body` is JSON text. */
  activation(status: number, transaction: string, activationId: string, body: string): void;
}

export interface BodyReader {
  bodyRead(error: Error | undefined, body: Buffer): void;
}

export interface ExchangeOver {
  exchangeOver(isAnswered: boolean): void;
}
