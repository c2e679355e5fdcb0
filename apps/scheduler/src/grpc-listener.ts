// A gRPC server on one address, with keepalive so that a silent peer is noticed, and an in-order end.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Limits } from '#limits';

/** A Hello with 100,000 containers takes about 10 MB. */
const messageBytes = 64 * 1024 * 1024;

/** How long the end of a stream may take to reach its peer. */
const lastWordsMs = 500;

export class GrpcListener {
  readonly server: Server;
  /** Set once it listens. */
  port = 0;

  constructor(
    private readonly address: { readonly host: string; readonly port: number },
    { streamKeepaliveMs }: Limits,
  ) {
    this.server = new Server({
      'grpc.keepalive_time_ms': streamKeepaliveMs,
      'grpc.keepalive_timeout_ms': 3 * streamKeepaliveMs,
      'grpc.max_receive_message_length': messageBytes,
    });
  }

  async listen(): Promise<void> {
    const { host, port } = this.address;
    this.port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (!error) return resolve(bound);
        const code = /EADDRINUSE|EACCES/.exec(error.message)?.[0];
        reject(Object.assign(new Error(error.message), { address: host, port }, code === undefined ? {} : { code }));
      });
    });
  }

  /** Lets what is being said be finished, for a moment, and closes the port. */
  async close(): Promise<void> {
    let overdue: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      overdue = setTimeout(resolve, lastWordsMs);
      this.server.tryShutdown(() => resolve());
    });
    clearTimeout(overdue);
    this.server.forceShutdown();
  }
}
