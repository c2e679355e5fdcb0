// The share-states stream: a thin shell around share-states.ts over raw gRPC.
//
// Guarantees: Hello is sent only after the old stream is closed; messages are composed only when the stream takes them, so that a slow
// reader costs no memory beyond one burst; a lost stream is opened anew as LeaderSearch says, at once or after `reconnectMs`; a scheduler that does not say Welcome in time is left like a lost one.
import { type ChannelOptions, type ClientDuplexStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import { bearerMetadata, leaderHint, LeaderSearch, shareStates as wire, unusable } from '#protocol';
import type { Logger } from '#telemetry';
import type { SchedulerSession } from './scheduler-session';

type Stream = ClientDuplexStream<wire.ControllerMessage, wire.SchedulerMessage>;

/** How long a Goodbye may take to leave. */
const goodbyeMs = 500;

/** Different reasons that are remembered, so that each is said once between two Welcomes. */
const complaintsMost = 20;

export class ShareStatesStream {
  private readonly search: LeaderSearch;
  /** Of the listed schedulers, and of at most one other that a standby named. */
  private readonly clients = new Map<string, wire.ShareStatesClient>();
  private readonly options: ChannelOptions;
  private stream: Stream | undefined;
  private blocked = false;
  private flushing = false;
  private closing = false;
  private isWelcome = false;
  private reconnect: NodeJS.Timeout | undefined;
  private overdue: NodeJS.Timeout | undefined;
  private welcomed: (() => void) | undefined;
  private messageCount = 0;
  private readonly complaints = new Set<string>();

  constructor(
    private readonly schedulers: readonly string[],
    private readonly secret: string,
    private readonly session: SchedulerSession,
    private readonly limits: Limits,
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** Runs before messages are obeyed, so that a lapse is noticed first. */
    private readonly beforeMessages: (now: number) => void,
  ) {
    this.search = new LeaderSearch(schedulers);
    this.options = {
      'grpc.keepalive_time_ms': limits.streamKeepaliveMs,
      'grpc.keepalive_timeout_ms': 2 * limits.streamKeepaliveMs,
      'grpc.keepalive_permit_without_calls': 0,
      'grpc.initial_reconnect_backoff_ms': limits.reconnectMs,
      'grpc.max_reconnect_backoff_ms': 4 * limits.reconnectMs,
    };
    session.wake = () => this.wake();
  }

  /** gRPC messages sent and received so far; the warm path must not move it before its reply. */
  messages(): number {
    return this.messageCount;
  }

  get isConnected(): boolean {
    return this.isWelcome;
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
    this.drop(stream, 'renewed');
    this.connectIn(this.limits.reconnectMs);
    stream.cancel();
  }

  /** Says Goodbye, retires everything and ends. */
  async close(): Promise<void> {
    this.closing = true;
    clearTimeout(this.reconnect);
    clearTimeout(this.overdue);
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
    for (const client of this.clients.values()) client.close();
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
    const address = this.search.current;
    const stream = this.clientOf(address).connect(bearerMetadata(this.secret));
    const generation = this.session.shareStates.opened(this.clock.now());
    this.stream = stream;
    this.blocked = false;
    this.overdue = setTimeout(() => {
      this.lost(stream, `${address} said nothing for ${this.limits.welcomeTimeoutMs} ms`);
      stream.cancel();
    }, this.limits.welcomeTimeoutMs);
    stream.on('data', (message: wire.SchedulerMessage) => {
      this.messageCount += 1;
      this.beforeMessages(this.clock.now());
      if (stream !== this.stream) return;
      const version = message.body?.$case === 'welcome' ? message.body.value.protocolVersion : undefined;
      const trouble = unusable({ epoch: message.epoch, version });
      if (trouble !== undefined) {
        this.lost(stream, `${address}: ${trouble}`);
        return stream.cancel();
      }
      const word = this.session.shareStates.received(generation, message);
      if (!word) return this.wake();
      if (word.$case === 'welcome') {
        clearTimeout(this.overdue);
        this.search.found();
        this.isWelcome = true;
        this.complaints.clear();
        this.logger.info(`share-states: welcomed by ${address} (epoch ${message.epoch}, generation ${generation})`);
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
    stream.on('error', (error: ServiceError) => this.lost(stream, error.message, error));
    stream.on('end', () => this.lost(stream, 'the scheduler ended it'));
    this.flush();
  }

  private lost(stream: Stream, reason: string, error?: ServiceError): void {
    if (stream !== this.stream) return;
    this.drop(stream, reason);
    const { search } = this;
    const isGone = error?.code === status.UNAVAILABLE;
    const isAtOnce = isGone ? search.unreachable() : search.missed(error && leaderHint(error));
    this.connectIn(isAtOnce ? 0 : this.limits.reconnectMs);
  }

  private drop(stream: Stream, reason: string): void {
    if (stream !== this.stream) return;
    this.stream = undefined;
    this.isWelcome = false;
    clearTimeout(this.overdue);
    this.session.shareStates.closed();
    // Said once for each cause, not at each attempt.
    if (this.closing || this.complaints.has(reason) || this.complaints.size >= complaintsMost) return;
    this.complaints.add(reason);
    this.logger.warn(`share-states: stream lost (${reason}); trying again`);
  }

  private connectIn(ms: number): void {
    if (!this.closing) this.reconnect = setTimeout(() => this.connect(), ms);
  }

  private clientOf(address: string): wire.ShareStatesClient {
    const known = this.clients.get(address);
    if (known) return known;
    for (const [other, client] of this.clients) {
      if (this.schedulers.includes(other)) continue;
      client.close();
      this.clients.delete(other);
    }
    const client = new wire.ShareStatesClient(address, credentials.createInsecure(), this.options);
    this.clients.set(address, client);
    return client;
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
