// One kept HTTP/1.1 connection to an API host, for one request at a time, made for load: no closures for a request, no header objects.
//
// Guarantees: exactly one of `answered` and `failed` for each request, never synchronously; a request is written at most once, so nothing is invoked twice;
// answers with Content-Length, chunked and without a body are read to their end; one that is longer than `bodyBytesMost` ends the connection as malformed.
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type NoAnswer =
  | 'unreachable' // no connection came about
  | 'descriptors' // the process has no file descriptor or port left
  | 'disconnected' // it ended before the whole answer
  | 'malformed'; // no HTTP, or too long

export interface AnswerHandler {
  /** False: its body is empty, since decoding one costs as much as all else. */
  readonly readsBody?: boolean;
  answered(status: number, body: string): void;
  failed(reason: NoAnswer, detail: string): void;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Certificates are not checked. */
  readonly isInsecure: boolean;
}

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');
const bodyBytesMost = 16_777_216;
/** Codes that say that this process or machine can open no more. */
const exhausted = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL']);

export class HttpConnection {
  /** The pool's mark: it is among those that wait for a request. */
  isIdle = false;
  private socket: Socket | undefined;
  private handler: AnswerHandler | undefined;
  private unsent: string | undefined;
  private buffered: Buffer | undefined;
  private isConnected = false;
  private error: NodeJS.ErrnoException | undefined;

  constructor(
    private readonly endpoint: Endpoint,
    /** It can take the next request; `isOpen` says whether it still has its socket. */
    private readonly free: (connection: HttpConnection) => void,
  ) {}

  get isOpen(): boolean {
    return this.socket !== undefined;
  }

  /** `request` is the whole of it, head and body. */
  send(request: string, handler: AnswerHandler): void {
    if (this.handler) throw new Error('workload: a second request on one connection');
    this.handler = handler;
    this.socket ??= this.open();
    if (this.isConnected) this.socket.write(request);
    else this.unsent = request;
  }

  /** A request under way fails as disconnected. */
  close(): void {
    const { socket } = this;
    if (socket) this.closed(socket);
  }

  private open(): Socket {
    const { host, port, isTls, isInsecure } = this.endpoint;
    this.error = undefined;
    const socket = isTls
      ? connectTls({ host, port, servername: host, rejectUnauthorized: !isInsecure })
      : connectPlain({ host, port });
    socket.setNoDelay(true);
    socket.on(isTls ? 'secureConnect' : 'connect', () => {
      if (socket !== this.socket) return;
      this.isConnected = true;
      if (this.unsent !== undefined) socket.write(this.unsent);
      this.unsent = undefined;
    });
    socket.on('data', (chunk: Buffer) => {
      if (socket === this.socket) this.read(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (socket === this.socket) this.error = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (socket === this.socket) this.closed(socket);
    });
    return socket;
  }

  /** The socket is no more of use; what was sent over it has no answer. */
  private closed(socket: Socket): void {
    const { handler, error, isConnected } = this;
    this.drop(socket);
    this.handler = undefined;
    this.free(this);
    const detail = error ? (error.code ?? error.message) : 'closed by the other side';
    if (error?.code !== undefined && exhausted.has(error.code)) handler?.failed('descriptors', detail);
    else handler?.failed(isConnected ? 'disconnected' : 'unreachable', detail);
  }

  /** The next request opens another. */
  private drop(socket: Socket): void {
    this.socket = undefined;
    this.unsent = undefined;
    this.buffered = undefined;
    this.isConnected = false;
    socket.destroy();
  }

  private read(chunk: Buffer): void {
    const bytes = this.buffered ? Buffer.concat([this.buffered, chunk]) : chunk;
    this.buffered = bytes;
    let answer: Answer | undefined;
    try {
      answer = readAnswer(bytes, 0, this.handler?.readsBody ?? true);
    } catch (error) {
      return this.malformed((error as Error).message);
    }
    if (!answer) {
      if (bytes.length > bodyBytesMost) this.malformed('the answer is too long');
      return;
    }
    this.buffered = undefined;
    const { handler } = this;
    if (!handler || answer.end < bytes.length) return this.malformed('bytes that belong to no answer');
    this.handler = undefined;
    if (answer.closes && this.socket) this.drop(this.socket);
    this.free(this);
    handler.answered(answer.status, answer.body);
  }

  private malformed(detail: string): void {
    const { handler } = this;
    this.handler = undefined;
    if (this.socket) this.drop(this.socket);
    this.free(this);
    handler?.failed('malformed', detail);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly closes: boolean;
  /** Where it ends in the bytes. */
  readonly end: number;
}

/** The answer at the front; undefined while it is not whole. Throws if it is no HTTP. */
export function readAnswer(bytes: Buffer, from = 0, readsBody = true): Answer | undefined {
  const headAt = bytes.indexOf(headEnd, from);
  if (headAt < 0) return undefined;
  const head = bytes.toString('latin1', from, headAt);
  const start = /^HTTP\/1\.([01]) (\d{3})/.exec(head);
  if (!start) throw new Error(`no HTTP: ${head.slice(0, 40)}`);
  const status = Number(start[2]);
  const bodyAt = headAt + 4;
  // An interim answer is followed by the real one.
  if (status < 200) return readAnswer(bytes, bodyAt, readsBody);
  const closes = start[1] === '0' || /\r\nconnection: *close/i.test(head);
  if (status === 204 || status === 304) return { status, body: '', closes, end: bodyAt };
  const length = /\r\ncontent-length: *(\d{1,10})/i.exec(head);
  if (length) {
    const end = bodyAt + Number(length[1]);
    if (bytes.length < end) return undefined;
    // What went wrong is always of interest.
    const body = readsBody || status >= 300 ? bytes.toString('utf8', bodyAt, end) : '';
    return { status, body, closes, end };
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error('neither Content-Length nor chunks');
  return readChunks(bytes, bodyAt, status, closes);
}

function readChunks(bytes: Buffer, from: number, status: number, closes: boolean): Answer | undefined {
  const parts: Buffer[] = [];
  for (let at = from; ;) {
    const sizeEnd = bytes.indexOf(lineEnd, at);
    if (sizeEnd < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, sizeEnd), 16);
    if (!(size >= 0)) throw new Error('a chunk without a size');
    const start = sizeEnd + 2;
    if (size === 0) {
      // Trailers are not expected; without them the end is one more empty line.
      if (bytes.length < start + 2) return undefined;
      return { status, body: Buffer.concat(parts).toString('utf8'), closes, end: start + 2 };
    }
    if (bytes.length < start + size + 2) return undefined;
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
