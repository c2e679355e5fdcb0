// One kept HTTP/1.1 connection to a container's server, for one request at a time: POST /init and POST /run.
//
// Guarantees: exactly one of `replied` and `failed` for each post, never synchronously; the reply is read by its Content-Length (a reply
// without one counts as none, as in OpenWhisk); at most `bodyBytesMax` bytes of it are kept, the rest is read and dropped; nothing is ever
// sent twice. A plain socket, because a general client costs a quarter of the throughput on this path (docs/performance.md).
import { connect, type Socket } from 'node:net';
import { systemClock } from '#clock';

/** Why there is no reply. */
export type NoReply =
  | 'refused' // nothing was sent: the server does not listen
  | 'lost' // the connection ended before a whole reply
  | 'timeout' // no whole reply within the time limit
  | 'malformed'; // no HTTP, or no Content-Length

export interface ReplyHandler {
  /** `length` is the Content-Length; `body` holds at most `bodyBytesMax` bytes of it. */
  replied(status: number, body: Buffer, length: number): void;
  failed(reason: NoReply): void;
}

const headEnd = Buffer.from('\r\n\r\n');
/** For all reads of all connections, since one for each read costs more than reading: what is in it is used up, or copied, before the next. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);
/** Bytes of status line and headers. */
const headBytesMax = 65_536;

/** A way through the agent of the container's node: CONNECT to the container's id, with the agents' token. */
export interface Tunnel {
  readonly containerId: string;
  readonly authorization: string;
}

/** Status line and headers, as far as they matter. */
interface ReplyHead {
  readonly bytes: Buffer;
  readonly status: number;
  readonly length: number;
  readonly closeAfter: boolean;
}

export class ContainerConnection {
  private socket: Socket | undefined;
  private handler: ReplyHandler | undefined;
  /** Of the request under way. */
  private deadlineMs = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When it ends. */
  private timerMs = 0;
  /** To the container: through a tunnel once the agent has said that it stands. */
  private connected = false;
  /** Waits for the tunnel. */
  private unsent: string | undefined;
  private head: Buffer | undefined;
  /** Of the last reply: the next one most often begins with the same bytes, which are not read again then. */
  private last: ReplyHead | undefined;
  private status = 0;
  private length = 0;
  private received = 0;
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private closeAfter = false;

  /** `address` is host:port, or a path of a Unix socket; with a tunnel it is the agent's. */
  constructor(
    private readonly address: string,
    private readonly bodyBytesMax: number,
    private readonly tunnel?: Tunnel,
  ) {}

  get isBusy(): boolean {
    return this.handler !== undefined;
  }

  /** Sends the body and hands the reply to the handler. Throws if a request is under way. */
  post(path: '/init' | '/run', body: string, timeoutMs: number, handler: ReplyHandler): void {
    if (this.handler) throw new Error(`container ${this.address}: a second request on one connection`);
    this.handler = handler;
    this.expireIn(timeoutMs);
    const bytes = Buffer.byteLength(body);
    const request = `POST ${path} HTTP/1.1\r\nHost: container\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n${body}`;
    if (!this.socket || this.socket.destroyed) this.open();
    if (!this.connected && this.tunnel) {
      this.unsent = request;
      return;
    }
    // Plain ASCII, as most bodies are, is copied instead of encoded.
    this.socket!.write(request, bytes === body.length ? 'latin1' : 'utf8');
  }

  /** One timer stays for many requests: it is set anew when it ends before the request may, or only after that. */
  private expireIn(timeoutMs: number): void {
    this.deadlineMs = systemClock.now() + timeoutMs;
    if (this.timer !== undefined && this.timerMs <= this.deadlineMs) return;
    clearTimeout(this.timer);
    this.timerMs = this.deadlineMs;
    this.timer = setTimeout(this.expired, timeoutMs);
  }

  private readonly expired = (): void => {
    this.timer = undefined;
    if (!this.handler) return;
    const leftMs = this.deadlineMs - systemClock.now();
    if (leftMs > 0) this.expireIn(leftMs);
    else this.end('timeout');
  };

  /** Closes it; a request under way fails as lost. */
  close(): void {
    if (this.handler) this.end('lost');
    else this.drop();
  }

  private open(): void {
    const at = this.address.lastIndexOf(':');
    const onread = { buffer: readBuffer, callback: (count: number) => this.took(socket, count) };
    const socket: Socket = this.address.startsWith('/')
      ? connect({ path: this.address, onread })
      : connect({ host: this.address.slice(0, at), port: Number(this.address.slice(at + 1)), onread });
    this.socket = socket;
    this.connected = false;
    socket.setNoDelay(true);
    const { tunnel } = this;
    socket.on('connect', () => {
      if (tunnel) socket.write(connectRequest(tunnel));
      else this.connected = true;
    });
    // 'close' always follows and says what is needed.
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (socket !== this.socket) return;
      this.socket = undefined;
      if (this.handler) this.end(this.connected ? 'lost' : 'refused');
    });
  }

  /** So many bytes are in the buffer, which the next ones overwrite. */
  private took(socket: Socket, count: number): boolean {
    if (socket !== this.socket) return true;
    const chunk = readBuffer.subarray(0, count);
    if (this.connected) this.read(chunk);
    else this.tunnelled(socket, chunk);
    return true;
  }

  /** The agent's answer to CONNECT, which comes in one piece: it is short, and nothing follows it before the request does. */
  private tunnelled(socket: Socket, chunk: Buffer): void {
    const { unsent } = this;
    this.unsent = undefined;
    // Nothing was sent to the container: as if it did not listen.
    if (!/^HTTP\/1\.1 200 /.test(chunk.toString('latin1', 0, 32)) || unsent === undefined) return void socket.destroy();
    this.connected = true;
    socket.write(unsent, 'utf8');
  }

  private read(chunk: Buffer): void {
    // Bytes that nobody asked for: the connection is out of step.
    if (!this.handler) return this.drop();
    if (this.status !== 0) return this.readBody(chunk);
    const { last } = this;
    if (
      last &&
      !this.head &&
      chunk.length >= last.bytes.length &&
      last.bytes.compare(chunk, 0, last.bytes.length) === 0
    )
      return this.readHead(last, chunk.subarray(last.bytes.length));
    const head = this.head ? Buffer.concat([this.head, chunk]) : chunk;
    const end = head.indexOf(headEnd);
    if (end === -1) {
      if (head.length > headBytesMax) return this.end('malformed');
      this.head = Buffer.from(head);
      return;
    }
    this.head = undefined;
    const text = head.toString('latin1', 0, end);
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(text);
    const length = /\r\ncontent-length: *(\d{1,15})/i.exec(text);
    if (!status || !length) return this.end('malformed');
    this.last = {
      bytes: Buffer.from(head.subarray(0, end + headEnd.length)),
      status: Number(status[1]),
      length: Number(length[1]),
      closeAfter: /\r\nconnection: *close/i.test(text) || text.startsWith('HTTP/1.0'),
    };
    this.readHead(this.last, head.subarray(end + headEnd.length));
  }

  private readHead({ status, length, closeAfter }: ReplyHead, rest: Buffer): void {
    this.status = status;
    this.length = length;
    this.closeAfter = closeAfter;
    this.readBody(rest);
  }

  private readBody(chunk: Buffer): void {
    this.received += chunk.length;
    const room = this.bodyBytesMax - this.keptBytes;
    if (room > 0 && chunk.length > 0) {
      const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
      // The whole of a short body is handed on at once; what has to wait is copied.
      this.kept.push(this.received < this.length ? Buffer.from(part) : part);
      this.keptBytes += part.length;
    }
    if (this.received < this.length) return;
    if (this.received > this.length) return this.end('malformed');
    const { handler, status, length, kept } = this;
    const body = kept.length === 1 ? kept[0]! : Buffer.concat(kept);
    if (this.closeAfter) this.drop();
    this.reset();
    handler!.replied(status, body, length);
  }

  private end(reason: NoReply): void {
    const { handler } = this;
    this.drop();
    this.reset();
    handler?.failed(reason);
  }

  private drop(): void {
    const { socket } = this;
    this.socket = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    socket?.destroy();
  }

  private reset(): void {
    this.unsent = undefined;
    this.handler = undefined;
    this.head = undefined;
    this.status = 0;
    this.length = 0;
    this.received = 0;
    this.kept = [];
    this.keptBytes = 0;
    this.closeAfter = false;
  }
}

const connectRequest = ({ containerId, authorization }: Tunnel): string =>
  `CONNECT ${containerId} HTTP/1.1\r\nHost: ${containerId}\r\nAuthorization: ${authorization}\r\n\r\n`;
