// A client's connection, as long as only plain invocations, or calls of web actions, come on it: they are read and answered on the socket itself.
//
// Why not node:http for them: its parser, message and stream objects cost a third of the controller's time per invocation (docs/benchmarks.md).
// Guarantees: one request is under way at a time and each is answered once, in order; the first bytes that are anything but a plain
// invocation, and the connection with them, go to node:http, which has the last word on everything unusual; a client that does not read its
// answers is not read from.
import type { Socket } from 'node:net';
import { rejections } from '#entity';
import type { BodyReader, Exchange, ExchangeOver } from './exchange';
import { type DirectHead, readDirectHead } from './direct-head';
import { activationFields, fieldLines, replyFields, statusLine } from './direct-reply';
import { InvokeHead } from './invoke-head';
import { readShared } from './shared-reads';
import { isBodyless, type WebExchange, type WebHead } from './web/web-exchange';
import type { WebResponse } from './web/web-response';

/** What a connection needs of its server. */
export interface DirectServer {
  readonly headBytesMax: number;
  /** For the first request on a connection, and for each next one. */
  readonly firstRequestMs: number;
  readonly idleMs: number;
  /** Each answer ends its connection. */
  readonly isRetired: boolean;
  /** Of an answer after which the connection stays open. */
  readonly keepLine: string;
  dateLine(): string;
  invoke(exchange: Exchange): void;
  callWebAction(exchange: WebExchange): void;
  /** node:http goes on, with these bytes first. */
  handOver(socket: Socket, bytes: Buffer): void;
  closed(connection: DirectConnection): void;
}

export class DirectConnection {
  private exchange: DirectExchange | DirectWebExchange | undefined;
  private last: DirectHead | undefined;
  /** Came while a request was under way; nothing more is read until it is answered. */
  private rest: Buffer | undefined;
  /** It has had an answer, and the time for the next request holds. */
  private isKept = false;
  private readonly socket: Socket;
  /** node:http has it; what is read is its own, and it may keep it. */
  private isHandedOver = false;

  constructor(
    accepted: Socket,
    private readonly server: DirectServer,
  ) {
    const shared = readShared(accepted, this.readOn);
    const socket = (this.socket = shared ?? accepted);
    socket.setNoDelay(true);
    socket.setTimeout(server.firstRequestMs);
    if (shared) socket.resume();
    else socket.on('data', this.read);
    socket.on('drain', this.drained);
    socket.on('end', this.ended);
    socket.on('timeout', this.idled);
    socket.on('error', this.broken);
    socket.on('close', this.closed);
  }

  /** Ends it; a request under way has no reader any more. */
  destroy(): void {
    this.socket.destroy();
  }

  /** `bytes` may be overwritten by what is read next, on any connection: what is kept is copied. False: no more for now. */
  private readonly readOn = (bytes: Buffer): boolean => {
    if (this.isHandedOver) return this.socket.push(Buffer.from(bytes));
    this.read(bytes);
    return true;
  };

  private readonly read = (bytes: Buffer): void => {
    if (this.exchange) {
      this.rest = this.rest ? Buffer.concat([this.rest, bytes]) : Buffer.from(bytes);
      this.socket.pause();
      return;
    }
    const { last } = this;
    const isRepeated =
      last !== undefined && bytes.length >= last.bytes.length && last.bytes.compare(bytes, 0, last.bytes.length) === 0;
    const head = isRepeated ? last : readDirectHead(bytes, this.server.headBytesMax);
    const end = head === undefined ? 0 : head.bytes.length + head.bodyBytes;
    if (head === undefined || end > bytes.length) return this.handOver(Buffer.from(bytes));
    this.last = head;
    if (end < bytes.length) {
      this.rest = Buffer.from(bytes.subarray(end));
      this.socket.pause();
    }
    this.take(head.head, Buffer.from(bytes.subarray(head.bytes.length, end)));
  };

  private take(head: DirectHead['head'], body: Buffer): void {
    if (head instanceof InvokeHead) this.server.invoke((this.exchange = new DirectExchange(this, head, body)));
    else this.server.callWebAction((this.exchange = new DirectWebExchange(this, head, body)));
  }

  /** `fields` are whole header lines; a text is sent as UTF-8. */
  answer(exchange: DirectExchange | DirectWebExchange, status: number, fields: string, body: string | Buffer): void {
    if (exchange !== this.exchange) return;
    this.exchange = undefined;
    const { socket, server } = this;
    const keepsAlive = this.last!.keepsAlive && !server.isRetired;
    const bytes = Buffer.byteLength(body);
    const length = isBodyless(status) ? '' : `content-length: ${bytes}\r\n`;
    const head = `${statusLine(status)}${fields}${length}${server.dateLine()}${keepsAlive ? server.keepLine : closeLine}\r\n`;
    const isDrained = this.write(head, body, bytes);
    exchange.over?.exchangeOver(true);
    if (!keepsAlive) {
      this.rest = undefined;
      socket.end();
      return;
    }
    if (!this.isKept) socket.setTimeout(server.idleMs);
    this.isKept = true;
    if (!isDrained) socket.pause();
    else if (this.rest) setImmediate(this.drained);
  }

  /** False: it is not on its way yet. Header lines are single bytes. */
  private write(head: string, body: string | Buffer, bytes: number): boolean {
    const { socket } = this;
    // An invocation's header values are ASCII, so that only the body decides.
    if (typeof body === 'string') return socket.write(head + body, bytes === body.length ? 'latin1' : 'utf8');
    if (bytes === 0) return socket.write(head, 'latin1');
    socket.cork();
    socket.write(head, 'latin1');
    const isDrained = socket.write(body);
    socket.uncork();
    return isDrained;
  }

  /** What was sent is on its way: the next request, if it is there, or the next bytes. */
  private readonly drained = (): void => {
    if (this.exchange || this.socket.destroyed || this.socket.writableNeedDrain) return;
    const { rest } = this;
    this.rest = undefined;
    this.socket.resume();
    if (rest) this.read(rest);
  };

  private handOver(bytes: Buffer): void {
    const { socket } = this;
    this.isHandedOver = true;
    socket.pause();
    socket.setTimeout(0);
    socket.off('data', this.read).off('drain', this.drained).off('end', this.ended);
    socket.off('timeout', this.idled).off('error', this.broken).off('close', this.closed);
    this.server.closed(this);
    this.server.handOver(socket, bytes);
  }

  /** The client has closed its side; as with node:http an answer that is not there yet has no reader. */
  private readonly ended = (): void => {
    this.socket.end();
  };

  private readonly idled = (): void => {
    if (!this.exchange) this.socket.destroy();
  };

  private readonly broken = (): void => {
    // 'close' always follows and says what is needed.
    this.socket.destroy();
  };

  private readonly closed = (): void => {
    const { exchange } = this;
    this.exchange = undefined;
    this.server.closed(this);
    exchange?.over?.exchangeOver(false);
  };
}

const closeLine = 'connection: close\r\n';

class DirectExchange implements Exchange {
  over: ExchangeOver | undefined;

  constructor(
    private readonly connection: DirectConnection,
    readonly head: InvokeHead,
    private readonly body: Buffer,
  ) {}

  readBody(bytesMax: number, reader: BodyReader): void {
    const bytes = this.body.length;
    reader.bodyRead(bytes > bytesMax ? rejections.requestTooLarge(bytes, bytesMax) : undefined, this.body);
  }

  reply(status: number, headers: Readonly<Record<string, string>>, body: Buffer): void {
    this.connection.answer(this, status, replyFields(headers), body.toString('utf8'));
  }

  activation(status: number, transaction: string, activationId: string, body: string): void {
    this.connection.answer(this, status, activationFields(transaction, activationId), body);
  }
}

class DirectWebExchange implements WebExchange {
  over: ExchangeOver | undefined;

  constructor(
    private readonly connection: DirectConnection,
    readonly head: WebHead,
    private readonly body: Buffer,
  ) {}

  readBody(bytesMax: number, reader: BodyReader): void {
    const bytes = this.body.length;
    reader.bodyRead(bytes > bytesMax ? rejections.requestTooLarge(bytes, bytesMax) : undefined, this.body);
  }

  respond({ status, headers, body }: WebResponse): void {
    this.connection.answer(this, status, fieldLines(headers), body);
  }
}
