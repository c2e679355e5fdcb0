// The HTTP server of the public API: the invoke route and the operations routes stand before Nest on it.
//
// Guarantee: after `retire` no connection is taken, and the answer to each request that still arrives on one that is open ends it; so clients
// move on to another controller without a request that nobody answered.
import { createServer, type RequestListener, type Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Limits } from '#limits';

/** False: not its request, nothing was done. */
export interface EarlyRoutes {
  handle(...request: Parameters<RequestListener>): boolean;
}

export class PublicServer {
  private server: Server | undefined;
  private isRetired = false;

  constructor(
    private readonly early: readonly EarlyRoutes[],
    private readonly limits: Pick<Limits, 'requestTimeoutMs' | 'idleConnectionMs' | 'uriBytes'>,
  ) {}

  /** `handler` gets what the early routes leave. */
  create(handler: RequestListener): Server {
    const { requestTimeoutMs, idleConnectionMs, uriBytes } = this.limits;
    const options = {
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: idleConnectionMs,
      maxHeaderSize: 2 * uriBytes,
    };
    this.server = createServer(options, (request, response) => {
      if (this.isRetired) response.shouldKeepAlive = false;
      if (!this.early.some((routes) => routes.handle(request, response))) handler(request, response);
    });
    return this.server;
  }

  /** Ends the listening only: an HTTP server's own `close` would also cut connections on which a request may be on its way. */
  retire(): void {
    this.isRetired = true;
    if (this.server?.listening) NetServer.prototype.close.call(this.server);
  }
}
