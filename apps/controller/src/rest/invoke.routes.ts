// POST /api/v1/namespaces/{ns}/actions/[{package}/]{action}: the invoke route, on the HTTP server itself, before Nest.
//
// It tells its requests from others; calls-under-way.ts counts them, and invoke-call.ts is the way of each.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { ActionRepository } from '../entities/action-repository';
import type { Authenticator } from '../entities/authenticator';
import type { Invoker } from '../invoke/invoker';
import type { Throttles } from '../throttle/throttles';
import type { CallsUnderWay } from './calls-under-way';
import type { Exchange } from './exchange';
import { HttpExchange } from './http-exchange';
import { InvokeCall } from './invoke-call';
import { isInvocation } from './invoke-head';

export interface InvokeParts {
  readonly authenticator: Authenticator;
  readonly actions: ActionRepository;
  readonly invoker: Invoker;
  readonly throttles: Throttles;
  readonly limits: Limits;
  readonly logger: Logger;
}

export class InvokeRoutes {
  constructor(
    private readonly parts: InvokeParts,
    private readonly calls: CallsUnderWay,
  ) {}

  /** False: the request is not an invocation, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (!isInvocation(request.method, request.url)) return false;
    this.take(new HttpExchange(request, response));
    return true;
  }

  take(exchange: Exchange): void {
    this.calls.begin();
    new InvokeCall(this.calls, this.parts, exchange).start();
  }
}
