// Kept connections to one agent for what a run waits for: short POSTs of which only the status counts, written and read on the socket itself.
//
// Why not undici for them: a controller that has suspended containers is quiet, so what it runs is cold, and a general client took half of the time
// of a resume (docs/performance.md). Guarantees: each post ends once, never synchronously, with the status of its answer, or without one after its time
// limit; at most `connectionsMost` connections, and what finds none waits in order; a post whose kept connection ended before the answer is sent once
// more on a new one, so this is only for what may be done twice; a connection is kept after an answer without content only.
import { connect, type Socket } from 'node:net';

/** The status, or undefined: none came. */
export type Ended = (status: number | undefined) => void;

interface Post {
  readonly text: string;
  readonly ended: Ended;
  timer: NodeJS.Timeout | undefined;
  connection: AgentConnection | undefined;
  wasSentAgain: boolean;
  isOver: boolean;
}

const headBytesMax = 65_536;
/** Whether a machine that says nothing is still there is asked by the kernel. */
const probeMs = 60_000;

export class AgentLine {
  private readonly idle: AgentConnection[] = [];
  private readonly all = new Set<AgentConnection>();
  private readonly waiting: Post[] = [];
  private readonly prefix: string;
  private readonly fields: string;
  private isClosed = false;

  /** `url` is plain HTTP. `emptied` is called when the last connection has ended. */
  constructor(
    private readonly url: URL,
    authorization: string,
    private readonly connectionsMost: number,
    private readonly emptied: () => void,
  ) {
    this.prefix = url.pathname.replace(/\/$/, '');
    this.fields = ` HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: `;
  }

  /** `path` and `body` are ASCII. */
  post(path: string, body: string, timeoutMs: number): Promise<number | undefined> {
    return new Promise((ended) => {
      const text = `POST ${this.prefix}${path}${this.fields}${body.length}\r\n\r\n${body}`;
      const post: Post = { text, ended, timer: undefined, connection: undefined, wasSentAgain: false, isOver: false };
      post.timer = setTimeout(() => this.expired(post), timeoutMs);
      const connection = this.isClosed ? undefined : (this.idle.pop() ?? this.another());
      if (connection) connection.send(post);
      else if (this.isClosed) this.over(post, undefined);
      else this.waiting.push(post);
    });
  }

  /** What is under way ends without an answer. */
  close(): void {
    this.isClosed = true;
    for (const post of this.waiting.splice(0)) this.over(post, undefined);
    for (const connection of this.all) connection.destroy();
  }

  /** Its connection takes no other. */
  answeredLast(post: Post, status: number | undefined): void {
    this.over(post, status);
  }

  /** Its connection is free again. */
  answered(connection: AgentConnection, post: Post, status: number): void {
    this.over(post, status);
    this.serve(connection);
  }

  /** It is no more; `post` was not answered on it. */
  gone(connection: AgentConnection, post: Post | undefined): void {
    this.all.delete(connection);
    const at = this.idle.indexOf(connection);
    if (at !== -1) this.idle.splice(at, 1);
    if (post && connection.wasKept && !post.wasSentAgain && !this.isClosed) {
      post.wasSentAgain = true;
      this.waiting.unshift(post);
    } else if (post) this.over(post, undefined);
    if (!this.isClosed && this.waiting.length > 0) this.serve(this.another());
    if (this.all.size === 0) this.emptied();
  }

  private serve(connection: AgentConnection | undefined): void {
    if (!connection) return;
    let next = this.waiting.shift();
    while (next?.isOver) next = this.waiting.shift();
    if (next) connection.send(next);
    else this.idle.push(connection);
  }

  private another(): AgentConnection | undefined {
    if (this.all.size >= this.connectionsMost) return undefined;
    const connection = new AgentConnection(this, this.url);
    this.all.add(connection);
    return connection;
  }

  private expired(post: Post): void {
    this.over(post, undefined);
    post.connection?.forget();
  }

  private over(post: Post, status: number | undefined): void {
    if (post.isOver) return;
    post.isOver = true;
    clearTimeout(post.timer);
    post.ended(status);
  }
}

class AgentConnection {
  /** It has had an answer before: its end may have crossed with the next post. */
  wasKept = false;
  private readonly socket: Socket;
  private post: Post | undefined;
  private received = '';

  constructor(
    private readonly line: AgentLine,
    { hostname, port }: URL,
  ) {
    const host = hostname.replace(/^\[|\]$/g, '');
    this.socket = connect({ host, port: port === '' ? 80 : Number(port), noDelay: true });
    this.socket.setKeepAlive(true, probeMs);
    this.socket.on('data', (bytes: Buffer) => this.read(bytes));
    // 'close' always follows and says what is needed.
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('end', () => this.socket.destroy());
    this.socket.on('close', () => {
      const { post } = this;
      this.post = undefined;
      this.line.gone(this, post);
    });
  }

  send(post: Post): void {
    this.post = post;
    post.connection = this;
    this.received = '';
    this.socket.write(post.text, 'latin1');
  }

  /** Nobody waits for the answer any more, and whose the next one would be is not certain. */
  forget(): void {
    this.post = undefined;
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer): void {
    const { post } = this;
    // Bytes that nobody asked for: the connection is out of step.
    if (!post) return void this.socket.destroy();
    this.received += bytes.toString('latin1');
    const end = this.received.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.received.length > headBytesMax) this.refuse(post);
      return;
    }
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(this.received);
    if (!status) return this.refuse(post);
    this.post = undefined;
    const isWhole = status[1] === '204' && end + 4 === this.received.length;
    if (!isWhole || this.socket.destroyed) {
      this.socket.destroy();
      return this.line.answeredLast(post, Number(status[1]));
    }
    this.wasKept = true;
    this.line.answered(this, post, Number(status[1]));
  }

  private refuse(post: Post): void {
    this.post = undefined;
    this.socket.destroy();
    this.line.answeredLast(post, undefined);
  }
}
