// Where actions call back: a WebSocket server whose messages say which request ran where and when.
//
// Guarantees: it listens where it is told (loopback by default) and takes only connections that know its random path; a message that is no report is counted and
// dropped; `closed` resolves when nothing listens any more.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { type InsideReport, insideOf } from './read-activation';

const messageBytesMost = 65_536;

export interface CallBackAddress {
  readonly host: string;
  readonly port: number;
  /** ws://host:port as actions reach it; undefined: as it listens. */
  readonly url?: string | undefined;
}

export class CallBacks {
  /** Messages that could not be read. */
  unreadable = 0;

  private constructor(
    private readonly server: Server,
    private readonly sockets: WebSocketServer,
    /** For the action. */
    readonly url: string,
  ) {}

  static async listen({ host, port, url }: CallBackAddress, told: (report: InsideReport) => void): Promise<CallBacks> {
    const path = Buffer.from(`/${randomBytes(16).toString('hex')}`);
    const server = createServer((_, answer) => answer.writeHead(404).end());
    const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMost, perMessageDeflate: false });
    server.on('upgrade', (request, socket, head) => {
      const asked = Buffer.from(request.url ?? '');
      if (asked.length !== path.length || !timingSafeEqual(asked, path)) return void socket.destroy();
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened));
    });
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(port, host, done);
    });
    const { port: bound } = server.address() as AddressInfo;
    const base = url ?? `ws://${host.includes(':') ? `[${host}]` : host}:${bound}`;
    const callBacks = new CallBacks(server, sockets, base.replace(/\/$/, '') + path.toString());
    sockets.on('connection', (socket) => {
      // A container that went away: its requests end by their deadlines.
      socket.on('error', () => socket.terminate());
      socket.on('message', (data: Buffer) => {
        const report = read(data);
        if (report) told(report);
        else callBacks.unreadable += 1;
      });
    });
    return callBacks;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

function read(data: Buffer): InsideReport | undefined {
  try {
    return insideOf(JSON.parse(data.toString('utf8')));
  } catch {
    return undefined; // Counted by the caller.
  }
}
