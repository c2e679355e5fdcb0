// The public API on the gateway of the containers' bridge, and nothing else: an action reaches its platform there also when that listens
// on loopback only. Bytes are passed on as they are.
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Connections at once; more are closed. An action that opens thousands hurts others no further. */
const connectionsMax = 1_024;
const idleMs = 120_000;

export class ApiForwarder {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(at: Endpoint, to: Endpoint): Promise<ApiForwarder> {
    const server = createServer({ pauseOnConnect: true });
    server.maxConnections = connectionsMax;
    const forwarder = new ApiForwarder(server);
    server.on('connection', (inside) => {
      const outside = connect(to);
      for (const [from, other] of [
        [inside, outside],
        [outside, inside],
      ] as const) {
        forwarder.sockets.add(from);
        from.setTimeout(idleMs, () => from.destroy());
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
