// The HTTP server of the public API: plain invocations and calls of web actions are read and answered on the connection itself; their routes for
// all others, and the operations routes, stand before Nest.
//
// Guarantee: after `retire` no connection is taken, and the answer to each request that still arrives on one that is open ends it; so clients
// move on to another controller without a request that nobody answered.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '#clock';
import { endListening } from '#lifecycle';
import type { Limits } from '#limits';
import { DirectConnection, type DirectServer } from './direct-connection';
import type { Exchange } from './exchange';
import type { WebExchange } from './web/web-exchange';

/** False: not its request, nothing was done. */
export interface EarlyRoutes {
  handle(...request: Parameters<RequestListener>): boolean;
}

/** Takes what it serves, whoever read it. */
export interface DirectRoutes<Served> extends EarlyRoutes {
  take(exchange: Served): void;
}

export class PublicServer implements DirectServer {
  readonly headBytesMax: number;
  readonly firstRequestMs: number;
  readonly idleMs: number;
  readonly keepLine: string;
  isRetired = false;
  private server: Server | undefined;
  private readonly direct = new Set<DirectConnection>();
  /** Connections so far. */
  private taken = 0;
  private dateSecond = 0;
  private date = '';

  constructor(
    private readonly invocations: DirectRoutes<Exchange>,
    private readonly web: DirectRoutes<WebExchange>,
    private readonly early: readonly EarlyRoutes[],
    private readonly limits: Pick<Limits, 'requestTimeoutMs' | 'idleConnectionMs' | 'uriBytes'>,
    private readonly clock: Clock,
  ) {
    this.headBytesMax = 2 * limits.uriBytes;
    this.firstRequestMs = limits.requestTimeoutMs;
    this.idleMs = limits.idleConnectionMs;
    this.keepLine = `connection: keep-alive\r\nkeep-alive: timeout=${Math.floor(this.idleMs / 1_000)}\r\n`;
  }

  /** `handler` gets what the early routes leave. */
  create(handler: RequestListener): Server {
    const { requestTimeoutMs, idleConnectionMs } = this.limits;
    const options = {
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleConnectionMs,
      maxHeaderSize: this.headBytesMax,
    };
    const server = createServer(options, (request, response) => {
      if (this.isRetired) response.shouldKeepAlive = false;
      if (this.invocations.handle(request, response) || this.web.handle(request, response)) return;
      if (!this.early.some((routes) => routes.handle(request, response))) handler(request, response);
    });
    // node:http takes a connection by its own listener; it gets those whose first bytes are not ours.
    this.connect = server.listeners('connection')[0] as (socket: Socket) => void;
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      this.taken += 1;
      this.direct.add(new DirectConnection(socket, this));
    });
    this.server = server;
    return server;
  }

  /** Resolves when no further connection comes; the answer to each request that still does ends its connection. */
  async retire(): Promise<void> {
    this.isRetired = true;
    if (this.server) await endListening(this.server, () => this.taken);
  }

  /** Ends the connections that node:http does not know; it ends the others. */
  close(): void {
    for (const connection of [...this.direct]) connection.destroy();
  }

  /** A connection that somebody else has accepted for this server. */
  take(socket: Socket): void {
    this.server?.emit('connection', socket);
  }

  invoke(exchange: Exchange): void {
    this.invocations.take(exchange);
  }

  callWebAction(exchange: WebExchange): void {
    this.web.take(exchange);
  }

  dateLine(): string {
    const second = Math.floor(this.clock.wallMs() / 1_000);
    if (second !== this.dateSecond) {
      this.dateSecond = second;
      this.date = `date: ${new Date(second * 1_000).toUTCString()}\r\n`;
    }
    return this.date;
  }

  handOver(socket: Socket, bytes: Buffer): void {
    this.connect.call(this.server, socket);
    socket.unshift(bytes);
    socket.resume();
  }

  closed(connection: DirectConnection): void {
    this.direct.delete(connection);
  }

  private connect: (socket: Socket) => void = () => undefined;
}
