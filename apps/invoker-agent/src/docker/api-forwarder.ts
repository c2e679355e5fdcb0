// The public API on the gateway of the containers' bridge, and nothing else: an action reaches its platform there also when that listens
// on loopback only. Bytes are passed on as they are.
//
// Guarantee: only the containers' subnet is served. The gateway is an address of this node, and a neighbour with a route to it could call there, too.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Limits } from '#limits';
import { overlaps } from '../host/subnets';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

type ForwarderLimits = Pick<Limits, 'apiForwarderConnectionsCount' | 'apiForwarderIdleMs'>;

export class ApiForwarder {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** `subnet`: the containers'. */
  static async start(at: Endpoint, to: Endpoint, subnet: string, limits: ForwarderLimits): Promise<ApiForwarder> {
    const server = createServer({ pauseOnConnect: true });
    // An action that opens thousands hurts others no further.
    server.maxConnections = limits.apiForwarderConnectionsCount;
    const forwarder = new ApiForwarder(server);
    server.on('connection', (inside) => {
      if (!overlaps(inside.remoteAddress ?? '', subnet)) return void inside.destroy();
      const outside = connect(to);
      for (const [from, other] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        forwarder.sockets.add(from);
        from.setTimeout(limits.apiForwarderIdleMs, () => from.destroy());
        // Its end is the other's end; why is for the two that talk.
        from.on('error', () => undefined);
        from.once('close', () => {
          forwarder.sockets.delete(from);
          other.destroy();
        });
        from.pipe(other);
      }
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at.port, at.host, resolve);
    });
    return forwarder;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
