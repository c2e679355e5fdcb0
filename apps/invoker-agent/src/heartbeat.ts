// Tells the leading scheduler that this node lives: every heartbeatMs, and at once when a container ends by itself.
//
// Level-triggered: each heartbeat carries the whole of what it speaks about, so a lost one costs nothing. The scheduler that accepted the last one is asked
// first, then whom a standby names, then the others in turn; each call has a deadline, and one is under way at a time.
import { connectivityState, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { Limits } from '#limits';
import { bearerMetadata, heartbeat, leaderHint, LeaderSearch, unusable } from '#protocol';
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
  private readonly search: LeaderSearch;
  /** Of the listed schedulers, and of at most one other that a standby named. */
  private readonly clients = new Map<string, heartbeat.NodesClient>();
  /** The one whose connection is watched. */
  private watched: heartbeat.NodesClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isUnderWay = false;
  private isWanted = false;
  private isStopped = false;
  private wasAccepted: boolean | undefined;
  /** Beats in a row that nobody accepted. */
  private lostBeats = 0;
  private isComplained = false;
  private firstAccepted!: () => void;
  /** Resolves when a leader has accepted a heartbeat. */
  readonly accepted = new Promise<void>((resolve) => {
    this.firstAccepted = resolve;
  });

  constructor(private readonly settings: HeartbeatSettings) {
    this.search = new LeaderSearch(settings.schedulers);
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
    for (const client of this.clients.values()) client.close();
  }

  /** Until one is accepted it asks more often: a start waits for it. */
  private pauseMs(): number {
    const { reconnectMs, heartbeatMs } = this.settings.limits;
    return this.wasAccepted ? heartbeatMs : Math.min(reconnectMs, heartbeatMs);
  }

  private async beat(): Promise<void> {
    const { search, settings } = this;
    let reason = '';
    let isWrong = false;
    // The whole list, and once whom a standby names.
    for (let tried = 0; tried <= settings.schedulers.length && !this.isStopped; tried += 1) {
      const address = search.current;
      try {
        const { epoch, protocolVersion: version } = await this.send(address);
        const trouble = unusable({ epoch, version });
        if (trouble !== undefined) throw new Error(trouble);
        settings.onAccepted(epoch);
        search.found();
        this.watch(address);
        this.became(true, `accepted by ${address}`);
        this.firstAccepted();
        return;
      } catch (error) {
        reason = `${address}: ${(error as Partial<ServiceError>).details ?? (error as Error).message}`;
        isWrong ||= (error as Partial<ServiceError>).code === status.INVALID_ARGUMENT;
        search.missed(leaderHint(error as Partial<ServiceError>));
      }
    }
    if (!this.isStopped) this.became(false, reason, isWrong);
  }

  /** A leader whose connection ends is gone: the next one is looked for at once, not at the next beat. */
  private watch(address: string): void {
    const client = this.clientOf(address);
    if (this.watched === client) return;
    this.watched = client;
    client.getChannel().watchConnectivityState(connectivityState.READY, Infinity, () => {
      if (this.watched !== client) return;
      this.watched = undefined;
      this.beatNow();
    });
  }

  private send(address: string): Promise<heartbeat.HeartbeatReply> {
    const { clusterSecret, limits, compose } = this.settings;
    return new Promise((resolve, reject) => {
      const call = this.clientOf(address).heartbeat(compose(), bearerMetadata(clusterSecret), (error, reply) => {
        clearTimeout(overdue);
        if (error) reject(error);
        else resolve(reply);
      });
      // Not gRPC's own deadline, which goes by the calendar.
      const overdue = setTimeout(() => call.cancel(), limits.heartbeatMs);
    });
  }

  private clientOf(address: string): heartbeat.NodesClient {
    const known = this.clients.get(address);
    if (known) return known;
    const { limits, schedulers } = this.settings;
    for (const [other, client] of this.clients) {
      if (schedulers.includes(other)) continue;
      client.close();
      this.clients.delete(other);
    }
    const client = new heartbeat.NodesClient(address, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': limits.reconnectMs,
      'grpc.max_reconnect_backoff_ms': Math.max(
        limits.reconnectMs,
        Math.min(limits.heartbeatMs, 4 * limits.reconnectMs),
      ),
      'grpc.enable_http_proxy': 0,
    });
    this.clients.set(address, client);
    return client;
  }

  /**
   * A change of leader is nothing to speak of; a leader that is not found within a beat is, and a heartbeat that a scheduler calls
   * wrong at once: it will be as wrong the next time.
   */
  private became(accepted: boolean, why: string, isWrong = false): void {
    const { limits, logger } = this.settings;
    const wasAccepted = this.wasAccepted;
    this.wasAccepted = accepted;
    this.lostBeats = accepted ? 0 : this.lostBeats + 1;
    if (accepted) {
      if (!wasAccepted) logger.info(`heartbeat: ${why}`);
      this.isComplained = false;
    } else if (!this.isComplained && (isWrong || this.lostBeats * this.pauseMs() >= limits.heartbeatMs)) {
      this.isComplained = true;
      logger.warn(`heartbeat: not accepted (${why})`);
    }
  }
}
