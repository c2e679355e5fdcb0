// Tells the leading scheduler that this node lives: every heartbeatMs, and at once when a container ends by itself.
//
// Level-triggered: each heartbeat carries the whole of what it speaks about, so a lost one costs nothing. The scheduler that accepted the last one is asked
// first, then the others in turn; each call has a deadline, and one is under way at a time.
import { credentials, type ServiceError } from '@grpc/grpc-js';
import type { Limits } from '#limits';
import { bearerMetadata, heartbeat } from '#protocol';
import type { Logger } from '#telemetry';

export interface HeartbeatSettings {
  /** host:port each. */
  readonly schedulers: readonly string[];
  readonly clusterSecret: string;
  readonly limits: Pick<Limits, 'heartbeatMs' | 'reconnectMs'>;
  readonly logger: Logger;
  readonly compose: () => heartbeat.HeartbeatRequest;
  /** A leader accepted a heartbeat. Throws if it is not the one to listen to. */
  readonly onAccepted: (epoch: bigint) => void;
}

export class Heartbeat {
  private readonly clients: heartbeat.NodesClient[];
  /** Index of the scheduler that is asked first. */
  private leader = 0;
  private timer: NodeJS.Timeout | undefined;
  private isUnderWay = false;
  private isWanted = false;
  private isStopped = false;
  private wasAccepted: boolean | undefined;
  private firstAccepted!: () => void;
  /** Resolves when a leader has accepted a heartbeat. */
  readonly accepted = new Promise<void>((resolve) => {
    this.firstAccepted = resolve;
  });

  constructor(private readonly settings: HeartbeatSettings) {
    const { reconnectMs, heartbeatMs } = settings.limits;
    this.clients = settings.schedulers.map(
      (address) =>
        new heartbeat.NodesClient(address, credentials.createInsecure(), {
          'grpc.initial_reconnect_backoff_ms': reconnectMs,
          'grpc.max_reconnect_backoff_ms': heartbeatMs,
          'grpc.enable_http_proxy': 0,
        }),
    );
  }

  /** Whether the last one was accepted. */
  get isAccepted(): boolean {
    return this.wasAccepted === true;
  }

  start(): void {
    this.beatNow();
  }

  /** One goes out as soon as the one under way, if any, is over. */
  beatNow(): void {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    if (this.isUnderWay) {
      this.isWanted = true;
      return;
    }
    this.isUnderWay = true;
    void this.beat().finally(() => {
      this.isUnderWay = false;
      const { isWanted } = this;
      this.isWanted = false;
      if (isWanted) this.beatNow();
      else if (!this.isStopped) this.timer = setTimeout(() => this.beatNow(), this.pauseMs());
    });
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    for (const client of this.clients) client.close();
  }

  /** Until one is accepted it asks more often: a start waits for it. */
  private pauseMs(): number {
    const { reconnectMs, heartbeatMs } = this.settings.limits;
    return this.wasAccepted ? heartbeatMs : Math.min(reconnectMs, heartbeatMs);
  }

  private async beat(): Promise<void> {
    let reason = 'no schedulers are set';
    for (let tried = 0; tried < this.clients.length && !this.isStopped; tried += 1) {
      const index = (this.leader + tried) % this.clients.length;
      try {
        const { epoch } = await this.send(this.clients[index]!);
        this.settings.onAccepted(epoch);
        this.leader = index;
        this.became(true, `accepted by ${this.settings.schedulers[index]}`);
        this.firstAccepted();
        return;
      } catch (error) {
        reason = `${this.settings.schedulers[index]}: ${(error as Partial<ServiceError>).details ?? (error as Error).message}`;
      }
    }
    if (!this.isStopped) this.became(false, reason);
  }

  private send(client: heartbeat.NodesClient): Promise<heartbeat.HeartbeatReply> {
    const { clusterSecret, limits, compose } = this.settings;
    return new Promise((resolve, reject) => {
      const call = client.heartbeat(compose(), bearerMetadata(clusterSecret), (error, reply) => {
        clearTimeout(overdue);
        if (error) reject(error);
        else resolve(reply);
      });
      // Not gRPC's own deadline, which goes by the calendar.
      const overdue = setTimeout(() => call.cancel(), limits.heartbeatMs);
    });
  }

  private became(accepted: boolean, why: string): void {
    if (accepted === this.wasAccepted) return;
    this.wasAccepted = accepted;
    if (accepted) this.settings.logger.info(`heartbeat: ${why}`);
    else this.settings.logger.warn(`heartbeat: not accepted (${why})`);
  }
}
