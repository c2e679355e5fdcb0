// GET /health and GET /metrics of a controller, on the HTTP server itself like the invoke route, since they are no part of OpenWhisk's API.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';

/** Of the event loop's delay; below it nothing is noticed. */
const delayResolutionMs = 10;

/** What the controller knows of itself. */
export interface ControllerVitals {
  readonly controllerId: string;
  readonly isConnected: () => boolean;
  readonly isDegraded: () => boolean;
  /** Takes no new connections any more. */
  readonly isStopping: () => boolean;
  /** Statements sent to the store by this process. */
  readonly storeQueries: () => number;
  /** gRPC messages sent and received by this process. */
  readonly grpcMessages: () => number;
  readonly containers: () => number;
  readonly waiting: () => number;
  readonly inFlight: () => number;
  readonly unstoredRecords: () => number;
  /** Records that the store refused for good: kept apart, and not even that. */
  readonly recordsSetAside: () => number;
  readonly recordsGivenUp: () => number;
  /** Entries of journals that a replay could not read. */
  readonly entriesDamaged: () => number;
  /** Invocations that were forwarded and are under way at another controller. */
  readonly forwarding: () => number;
  /** Invocations of other controllers that run here. */
  readonly forwardedHere: () => number;
}

export class OperationsRoutes {
  private readonly registry = new Registry();

  constructor(private readonly vitals: ControllerVitals) {
    this.count('hearth_store_queries_total', 'Statements sent to the store.', vitals.storeQueries);
    this.count(
      'hearth_grpc_messages_total',
      'gRPC messages sent to and received from schedulers.',
      vitals.grpcMessages,
    );
    this.gauge('hearth_containers', 'Containers that this controller owns.', vitals.containers);
    this.gauge('hearth_overflow_waiters', 'Invocations that wait for a container.', vitals.waiting);
    this.gauge('hearth_invocations_in_flight', 'Requests between accept and answer.', vitals.inFlight);
    this.gauge('hearth_forwarding', 'Invocations under way at other controllers.', vitals.forwarding);
    this.gauge('hearth_forwarded_here', "Other controllers' invocations under way here.", vitals.forwardedHere);
    this.gauge('hearth_records_unstored', 'Finished records that the store does not have yet.', vitals.unstoredRecords);
    this.count(
      'hearth_records_set_aside_total',
      'Records that the store refused for good, kept in journal/refused.',
      vitals.recordsSetAside,
    );
    this.count(
      'hearth_records_given_up_total',
      'Records that the store refused for good and that could not be set aside.',
      vitals.recordsGivenUp,
    );
    this.count(
      'hearth_journal_entries_damaged_total',
      'Entries of journals that could not be read when they were replayed.',
      vitals.entriesDamaged,
    );
    this.watchEventLoop();
  }

  /** False: not one of its routes. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'GET') return false;
    if (request.url === '/health') {
      this.health(response);
      return true;
    }
    if (request.url !== '/metrics') return false;
    this.registry.metrics().then(
      (text) => {
        response.writeHead(200, {
          'content-type': this.registry.contentType,
          'content-length': Buffer.byteLength(text),
        });
        response.end(text);
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return true;
  }

  private health(response: ServerResponse): void {
    const isConnected = this.vitals.isConnected();
    const isStopping = this.vitals.isStopping();
    const status = isStopping ? 'stopping' : isConnected && !this.vitals.isDegraded() ? 'ok' : 'degraded';
    const body = JSON.stringify({
      status,
      controller: this.vitals.controllerId,
      scheduler: isConnected ? 'connected' : 'lost',
      containers: this.vitals.containers(),
    });
    // A load balancer in front sends nothing more to one that stops.
    const code = isStopping ? 503 : 200;
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  /** How late the event loop was since it was last asked: what every request waits for beside its own work. */
  private watchEventLoop(): void {
    const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
    delay.enable();
    const gauge: Gauge = new Gauge({
      name: 'hearth_event_loop_delay_seconds',
      help: 'Delay of the event loop since the last scrape.',
      labelNames: ['quantile'],
      registers: [this.registry],
      collect: () => {
        const ns = { '0.5': delay.percentile(50), '0.99': delay.percentile(99), '1': delay.max };
        for (const [quantile, value] of Object.entries(ns))
          gauge.set({ quantile }, Math.max(0, value / 1e9 - delayResolutionMs / 1e3));
        delay.reset();
      },
    });
  }

  private count(name: string, help: string, read: () => number): void {
    let last = 0;
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        const value = read();
        counter.inc(value - last);
        last = value;
      },
    });
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }
}
