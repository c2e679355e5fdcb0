// POST /api/v1/namespaces/{ns}/actions/[{package}/]{action}: the invoke route, on the HTTP server itself, before Nest.
//
// It counts the requests under way, bounds them, and ends the waits that are over; invoke-call.ts is the way of each.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { ActionRepository } from '../entities/action-repository';
import type { Authenticator } from '../entities/authenticator';
import { Deadlines } from '../invoke/deadlines';
import type { Invoker } from '../invoke/invoker';
import type { Exchange } from './exchange';
import { HttpExchange } from './http-exchange';
import { InvokeCall, type InvokeCalls } from './invoke-call';
import { isInvocation } from './invoke-head';

export interface InvokeParts {
  readonly authenticator: Authenticator;
  readonly actions: ActionRepository;
  readonly invoker: Invoker;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class InvokeRoutes implements InvokeCalls {
  private readonly waits = new Deadlines<InvokeCall>();
  private inFlight = 0;
  private stopping = false;

  constructor(private readonly parts: InvokeParts) {}

  /** Requests between accept and answer. */
  get inFlightCount(): number {
    return this.inFlight;
  }

  /** Nothing more is begun. */
  get isFull(): boolean {
    return this.stopping || this.inFlight > this.parts.limits.invocationsInFlightCount;
  }

  /** False: the request is not an invocation, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (!isInvocation(request.method, request.url)) return false;
    this.take(new HttpExchange(request, response));
    return true;
  }

  take(exchange: Exchange): void {
    this.inFlight += 1;
    new InvokeCall(this, this.parts, exchange).start();
  }

  /** Answers the waits that are over. */
  tick(now: number): void {
    for (const call of this.waits.expire(now)) call.elapsed();
  }

  /** From now on new invocations are refused with 503. */
  stop(): void {
    this.stopping = true;
  }

  watch(call: InvokeCall, waitMs: number): void {
    this.waits.add(call, waitMs, this.parts.clock.now());
  }

  unwatch(call: InvokeCall, waitMs: number): void {
    this.waits.remove(call, waitMs);
  }

  over(): void {
    this.inFlight -= 1;
  }
}
