// Connections to one API host: the one that was free last is taken first, so that a light load keeps few of them busy.
//
// Guarantees: at most `most` connections; what finds none waits in order, `waitingMost` at most, and `isFull` says so before; a connection that was closed is opened
// anew by its next request. `sent` is told when a request really leaves, since waiting here is a delay of the driver and not of the platform.
import Denque from 'denque';
import { type AnswerHandler, type Endpoint, HttpConnection } from './http-connection';

export interface PooledRequest extends AnswerHandler {
  /** The whole request; called when it leaves. */
  leaving(): string;
}

export class ConnectionPool {
  private readonly idle: HttpConnection[] = [];
  private readonly all = new Set<HttpConnection>();
  private readonly waiting = new Denque<PooledRequest>();
  private isClosed = false;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly most: number,
    private readonly waitingMost: number,
  ) {}

  get isFull(): boolean {
    return this.waiting.length >= this.waitingMost;
  }

  send(request: PooledRequest): void {
    const connection = this.idle.pop() ?? this.another();
    if (connection) connection.isIdle = false;
    if (connection) connection.send(request.leaving(), request);
    else this.waiting.push(request);
  }

  /** Ends all connections; what is under way fails as disconnected, what waits is dropped and answered with how many that were. */
  close(): number {
    this.isClosed = true;
    const dropped = this.waiting.length;
    this.waiting.clear();
    for (const connection of this.all) connection.close();
    return dropped;
  }

  private another(): HttpConnection | undefined {
    if (this.all.size >= this.most) return undefined;
    const connection = new HttpConnection(this.endpoint, this.freed);
    this.all.add(connection);
    return connection;
  }

  private readonly freed = (connection: HttpConnection): void => {
    if (this.isClosed) return;
    const next = this.waiting.shift();
    if (next) {
      // Not from within the end of the request before: a host that is down would recurse.
      setImmediate(() => connection.send(next.leaving(), next));
      return;
    }
    // One that was idle and has been closed is there already.
    if (connection.isIdle) return;
    connection.isIdle = true;
    this.idle.push(connection);
  };
}
