// The share-states stream: a thin shell around share-states.ts over raw gRPC.
//
// Guarantees: Hello is sent only after the old stream is closed; messages are composed only when the stream takes them, so that a slow
// reader costs no memory beyond one burst; a lost stream is opened anew, at the next scheduler of the list, after `reconnectMs`.
import { type ChannelOptions, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { bearerMetadata, shareStates as wire } from '#protocol';
import type { Logger } from '#telemetry';
import type { SchedulerSession } from './scheduler-session';

type Stream = ClientDuplexStream<wire.ControllerMessage, wire.SchedulerMessage>;

/** How long a Goodbye may take to leave. */
const goodbyeMs = 500;

export class ShareStatesStream {
  private readonly clients: wire.ShareStatesClient[];
  private next = 0;
  private stream: Stream | undefined;
  private blocked = false;
  private flushing = false;
  private closing = false;
  private reconnect: NodeJS.Timeout | undefined;
  private welcomed: (() => void) | undefined;
  private messageCount = 0;
  private complaint = '';

  constructor(
    schedulers: readonly string[],
    private readonly secret: string,
    private readonly session: SchedulerSession,
    private readonly limits: Limits,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Runs before messages are obeyed, so that a lapse is noticed first. */
    private readonly beforeMessages: (now: number) => void,
  ) {
    const options: ChannelOptions = {
      'grpc.keepalive_time_ms': limits.streamKeepaliveMs,
      'grpc.keepalive_timeout_ms': 2 * limits.streamKeepaliveMs,
      'grpc.keepalive_permit_without_calls': 0,
      'grpc.initial_reconnect_backoff_ms': limits.reconnectMs,
      'grpc.max_reconnect_backoff_ms': 10 * limits.reconnectMs,
    };
    this.clients = schedulers.map(
      (address) => new wire.ShareStatesClient(address, credentials.createInsecure(), options),
    );
    session.wake = () => this.wake();
  }

  /** gRPC messages sent and received so far; the warm path must not move it before its reply. */
  messages(): number {
    return this.messageCount;
  }

  get isConnected(): boolean {
    return this.session.shareStates.isOpen;
  }

  /** Resolves at the first Welcome. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.welcomed = resolve;
      this.connect();
    });
  }

  /** Closes the stream and opens a new one with a new Hello. */
  renew(): void {
    const { stream } = this;
    if (!stream) return;
    this.lost(stream, 'renewed');
    stream.cancel();
  }

  /** Says Goodbye, retires everything and ends. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.reconnect);
    const { stream } = this;
    if (stream) {
      this.session.shareStates.goodbye();
      this.flush();
      await new Promise<void>((resolve) => {
        stream.once('close', resolve);
        setTimeout(resolve, goodbyeMs).unref();
        stream.end();
      });
      stream.cancel();
    }
    for (const client of this.clients) client.close();
  }

  /** Time passed. */
  tick(): void {
    if (this.stream && !this.blocked) this.flush();
  }

  private wake(): void {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => {
      this.flushing = false;
      this.tick();
    });
  }

  private connect(): void {
    const client = this.clients[this.next++ % this.clients.length]!;
    const stream = client.connect(bearerMetadata(this.secret));
    const generation = this.session.shareStates.opened(this.clock.now());
    this.stream = stream;
    this.blocked = false;
    stream.on('data', (message: wire.SchedulerMessage) => {
      this.messageCount += 1;
      this.beforeMessages(this.clock.now());
      if (stream !== this.stream) return;
      const word = this.session.shareStates.received(generation, message);
      if (!word) return this.wake();
      if (word.$case === 'welcome') {
        this.complaint = '';
        this.logger.info(`share-states: welcomed (epoch ${message.epoch}, generation ${generation})`);
        this.welcomed?.();
        this.welcomed = undefined;
      }
      this.session.obey(word);
      this.wake();
    });
    stream.on('drain', () => {
      this.blocked = false;
      this.wake();
    });
    stream.on('error', (error) => this.lost(stream, error.message));
    stream.on('end', () => this.lost(stream, 'the scheduler ended it'));
    this.flush();
  }

  private lost(stream: Stream, reason: string): void {
    if (stream !== this.stream) return;
    this.stream = undefined;
    this.session.shareStates.closed();
    if (this.closing) return;
    // Said once for each cause, not at each attempt.
    if (reason !== this.complaint) this.logger.warn(`share-states: stream lost (${reason}); trying again`);
    this.complaint = reason;
    this.reconnect = setTimeout(() => this.connect(), this.limits.reconnectMs);
  }

  private flush(): void {
    const { stream } = this;
    if (!stream) return;
    for (const message of this.session.shareStates.due(this.clock.now())) {
      this.messageCount += 1;
      if (!stream.write(message)) this.blocked = true;
    }
  }
}
