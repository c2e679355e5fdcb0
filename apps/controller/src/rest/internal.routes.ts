// The internal listener: where other controllers forward invocations to this one. A port of its own, so that the public one can ignore
// everything that has to do with forwarding.
//
// Guarantees: without the cluster secret nothing is read and nothing is told, not even which routes there are; who was told of this controller just
// before it stopped is answered, not cut, since whoever forwards cannot know what became of an invocation whose connection was cut.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearerCheck } from '#protocol';
import type { Limits } from '#limits';
import { headBytesMax } from '../invoke/forward-format';
import type { ForwardedInvocations } from '../invoke/forwarded-invocations';
import { readBody } from './read-body';

export class InternalRoutes {
  private readonly server: Server;
  private readonly isAuthorized: (authorization: string | undefined) => boolean;
  private readonly bytesMax: number;
  private readonly lingerMs: number;
  private closing = false;

  constructor(
    private readonly forwarded: Pick<ForwardedInvocations, 'receive'>,
    secret: string,
    limits: Pick<
      Limits,
      'payloadBytes' | 'requestTimeoutMs' | 'idleConnectionMs' | 'invocationsInFlightCount' | 'stopLingerMs'
    >,
  ) {
    this.isAuthorized = bearerCheck(secret);
    this.lingerMs = limits.stopLingerMs;
    this.bytesMax = limits.payloadBytes + headBytesMax;
    const { requestTimeoutMs: requestTimeout, idleConnectionMs: keepAliveTimeout } = limits;
    this.server = createServer({ requestTimeout, keepAliveTimeout }, (request, response) =>
      this.serve(request, response),
    );
    this.server.maxConnections = limits.invocationsInFlightCount;
  }

  /** Answers the port. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on each answer ends its connection. */
  retire(): void {
    this.closing = true;
  }

  /** Call it when nobody is told of this controller any more: what is on its way by then still arrives. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    await new Promise((resolve) => setTimeout(resolve, this.lingerMs));
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    if (this.closing) response.shouldKeepAlive = false;
    if (!this.isAuthorized(request.headers.authorization))
      return refuse(response, 401, 'The cluster secret is missing.');
    if (request.url !== '/forward' || request.method !== 'POST')
      return refuse(response, 404, 'There is POST /forward.');
    if (Number(request.headers['content-length'] ?? 0) > this.bytesMax) return refuse(response, 413, 'Too long.');
    readBody(request, this.bytesMax, (error, body) => {
      if (error) return refuse(response, 413, error.message);
      this.forwarded.receive(body.toString('utf8'), (status, text) => answer(response, status, text));
    });
  }
}

/** Of a request whose body may not have been read: the connection ends with the answer. */
function refuse(response: ServerResponse, status: number, text: string): void {
  response.shouldKeepAlive = false;
  answer(response, status, text);
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
