// Another controller's internal listener that does what a test wants with the one request at hand, and counts.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly response: ServerResponse;
}

export class FakePeer {
  readonly requests: PeerRequest[] = [];
  private readonly server: Server;

  private constructor(private readonly answer: (request: PeerRequest) => void) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const heard = { path: request.url ?? '', authorization: request.headers.authorization, body, response };
        this.requests.push(heard);
        this.answer(heard);
      });
    });
  }

  static async start(answer: (request: PeerRequest) => void): Promise<FakePeer> {
    const peer = new FakePeer(answer);
    await new Promise<void>((resolve) => peer.server.listen(0, '127.0.0.1', resolve));
    return peer;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
