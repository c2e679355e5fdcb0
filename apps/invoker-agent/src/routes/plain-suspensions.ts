// POST /suspend/:container and /resume/:container as controllers send them, answered on the HTTP server under Nest: a run waits for each resume, and an
// agent that resumes a container has been quiet, so that the way through Fastify and Nest, cold, took longer than the freezer (docs/performance.md).
//
// Guarantee: the same checks and answers as by the routes (use.routes.ts). What is not plainly such a request, with a short body, is left to them.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { suspendSchema } from '#protocol';
import type { AgentMetrics } from '../agent-metrics';
import type { Containers } from '../containers';
import type { SuspendVerb } from '../ledger/container-record';
import type { ErrorAnswers } from './agent-errors.filter';
import { bodyOf, containerId, parse } from './parse';

interface Parts {
  readonly containers: Pick<Containers, 'suspendOrResume'>;
  readonly metrics: Pick<AgentMetrics, 'suspensions'>;
}

/** A grant id and a number have no more. */
const bodyBytesMax = 1_024;
const plainPath = /^\/(suspend|resume)\/([a-zA-Z0-9_-]{1,64})$/;

export class PlainSuspensions {
  constructor(
    private readonly parts: Parts,
    private readonly isAllowed: (authorization: string | undefined) => boolean,
    private readonly errors: ErrorAnswers,
  ) {}

  /** Takes them before the listeners that the server has. */
  serve(server: Server): void {
    const others = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      if (this.takes(request, response)) return;
      for (const other of others) other.call(server, request, response);
    });
  }

  /** False: it is for the routes, and nothing of it was read. */
  private takes(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, headers } = request;
    if (method !== 'POST' || headers['content-type'] !== 'application/json' || headers.expect !== undefined)
      return false;
    if (!(Number(headers['content-length']) <= bodyBytesMax)) return false;
    const found = plainPath.exec(request.url ?? '');
    if (!found || !this.isAllowed(headers.authorization)) return false;
    const verb = found[1] as SuspendVerb;
    let text = '';
    // Of a client that goes away in the middle nothing is done.
    request.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    request.on('end', () => void this.obey(verb, found[2]!, text, request, response));
    return true;
  }

  private async obey(
    verb: SuspendVerb,
    container: string,
    text: string,
    { method, url }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      await this.parts.containers.suspendOrResume(
        containerId(container),
        verb,
        parse(suspendSchema, 'body', bodyOf(text)),
      );
      this.parts.metrics.suspensions.inc({ verb });
      response.writeHead(204).end();
    } catch (error) {
      const { status, body } = this.errors.of(error, method ?? '', url ?? '', `/${verb}/:container`);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
    }
  }
}
