// The agent as reverse proxy: `CONNECT <container id>` on its own port becomes a plain connection to that container.
//
// A tunnel rather than a proxy of requests: the controller keeps one connection per slot of a container anyway, so that nothing is parsed
// twice and a kept connection costs one look-up in its life. Guarantees: nobody without the agent token gets one; there are at most
// `tunnelsCount`; when either side ends, or the container does, both ends are closed.
import type { IncomingMessage, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { bearerCheck, type ContainerAddresses } from '#protocol';
import type { Limits } from '#limits';

export class Tunnels {
  private readonly open = new Set<Duplex>();
  private readonly isAllowed: (authorization: string | undefined) => boolean;

  constructor(
    agentToken: string,
    /** Undefined for a container that is not there. */
    private readonly addressesOf: (containerId: string) => ContainerAddresses | undefined,
    private readonly limits: Pick<Limits, 'tunnelsCount' | 'tunnelConnectMs'>,
  ) {
    this.isAllowed = bearerCheck(agentToken);
  }

  get count(): number {
    return this.open.size;
  }

  serve(server: Server): void {
    server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => this.begin(request, client, head));
  }

  close(): void {
    for (const client of this.open) client.destroy();
  }

  private begin(request: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on('error', () => client.destroy());
    if (!this.isAllowed(request.headers.authorization)) return refuse(client, '401 Unauthorized');
    const addresses = this.addressesOf(request.url ?? '');
    if (!addresses) return refuse(client, '404 Not Found');
    if (this.open.size >= this.limits.tunnelsCount) return refuse(client, '503 Service Unavailable');
    this.open.add(client);
    client.on('close', () => this.open.delete(client));
    const container = connectTo(addresses);
    // Until the container has answered the connection; afterwards a tunnel may be idle for as long as it likes.
    container.setTimeout(this.limits.tunnelConnectMs, () => container.destroy());
    container.on('error', () => container.destroy());
    // What came before is still sent; without any answer nothing was done.
    container.on('close', () => client.end());
    client.on('close', () => container.destroy());
    container.on('connect', () => {
      container.setTimeout(0);
      container.setNoDelay(true);
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      container.write(head);
      container.pipe(client);
      client.pipe(container);
    });
  }
}

function connectTo({ unixSocket, container, published }: ContainerAddresses): Socket {
  if (unixSocket !== undefined) return connect({ path: unixSocket });
  const address = container ?? published ?? '';
  const at = address.lastIndexOf(':');
  return connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
}

function refuse(client: Duplex, status: string): void {
  client.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
