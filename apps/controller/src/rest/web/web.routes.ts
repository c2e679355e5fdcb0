// /api/v1/web/{ns}/{package}/{action}[.ext][/path], and the same by hosts that stand for namespaces: web actions, on the HTTP server itself, before Nest.
//
// It tells its requests from others; calls-under-way.ts counts them, and web-call.ts is the way of each.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AbsentNames } from '../../entities/absent-names';
import type { NamespaceOwners } from '../../entities/namespace-owners';
import type { CallsUnderWay } from '../calls-under-way';
import type { InvokeParts } from '../invoke.routes';
import { WebCall } from './web-call';
import { HttpWebExchange, type WebExchange } from './web-exchange';
import { vanityUrl, webTarget } from './web-path';

export interface WebParts extends InvokeParts {
  readonly owners: NamespaceOwners;
  readonly absent: AbsentNames;
}

export class WebRoutes {
  constructor(
    private readonly parts: WebParts,
    private readonly calls: CallsUnderWay,
    /** Lower case. Hosts below it are namespaces; undefined: no host is. */
    private readonly domain: string | undefined,
  ) {}

  /** False: the request is for no web action, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    // Who comes after this sees the path below /api/v1 as well.
    if (this.domain !== undefined)
      request.url = vanityUrl(request.headers.host, request.url ?? '', this.domain) ?? request.url;
    const target = webTarget(request.url ?? '');
    if (target === undefined) return false;
    this.take(new HttpWebExchange(request, response, target));
    return true;
  }

  take(exchange: WebExchange): void {
    this.calls.begin();
    new WebCall(this.calls, this.parts, exchange).start();
  }
}
