// A TCP proxy on loopback whose connections can be cut or made silent, for tests of what a broken network does to a stream.
//
// Guarantee: `stop` leaves no socket.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

type State = 'open' | 'cut' | 'silent';

export class TcpProxy {
  private state: State = 'open';
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  /** Connections that were taken so far. */
  acceptedCount = 0;

  private constructor(private readonly target: { host: string; port: number }) {
    this.server = createServer((socket) => this.accept(socket));
  }

  /** In front of host:port. */
  static async start(target: string): Promise<TcpProxy> {
    const at = target.lastIndexOf(':');
    const proxy = new TcpProxy({ host: target.slice(0, at), port: Number(target.slice(at + 1)) });
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** host:port */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resets every connection, and every new one until `heal`. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** Connections stay, new ones are taken, and nothing passes until `heal`. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.pause();
  }

  /** What was held back arrives late, as it does after a network was away for a moment. */
  heal(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.acceptedCount += 1;
    if (this.state === 'cut') return void socket.resetAndDestroy();
    const other = connect(this.target);
    this.join(socket, other);
    this.join(other, socket);
  }

  private join(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('end', () => to.end());
    // Whoever sees it end is told by the close.
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.state === 'silent') from.pause();
  }
}
