// One port for several processes of one app: takes its connections and hands them out in turn, unread.
//
// Guarantees: only a process that is ready and has not said that it retires gets one; if none is, the client is told so at once (503). At most
// `handedConnectionsCount` connections are on their way to one process. After `end` nothing is taken, and nobody whom the system had accepted is reset.
import { createServer, type Server, type Socket } from 'node:net';
import { endListening } from '#lifecycle';
import type { Limits } from '#limits';
import { StartFailure } from './start-failure';

export interface Taker {
  readonly isReady: boolean;
  /** False: not this one, now. Else it is the taker's. */
  hand(socket: Socket): boolean;
}

const refusal =
  'HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: 55\r\nconnection: close\r\n\r\n' +
  '{"error":"No controller is ready; try again in a while."}';

export class SharedPort {
  private taken = 0;
  private next = 0;

  private constructor(
    private readonly server: Server,
    private readonly takers: readonly Taker[],
  ) {
    server.on('connection', (socket) => {
      this.taken += 1;
      this.give(socket);
    });
  }

  /** `listener`: host:port. */
  static async open(
    listener: string,
    takers: readonly Taker[],
    { acceptBacklogCount }: Pick<Limits, 'acceptBacklogCount'>,
  ): Promise<SharedPort> {
    const at = listener.lastIndexOf(':');
    const server = createServer({ pauseOnConnect: true });
    const port = new SharedPort(server, takers);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(new StartFailure(`cannot listen on ${listener} for all controllers: ${error.message}`)),
      );
      const [host, port] = [listener.slice(0, at), Number(listener.slice(at + 1))];
      server.listen({ host, port, backlog: acceptBacklogCount }, resolve);
    });
    return port;
  }

  private give(socket: Socket): void {
    const { takers } = this;
    for (let turn = 0; turn < takers.length; turn += 1) {
      const at = (this.next + turn) % takers.length;
      const taker = takers[at]!;
      if (!taker.isReady || !taker.hand(socket)) continue;
      this.next = at + 1;
      return;
    }
    // A client that goes away while it is told needs no answer.
    socket.on('error', () => undefined);
    socket.end(refusal);
  }

  end(): Promise<void> {
    return endListening(this.server, () => this.taken);
  }
}
