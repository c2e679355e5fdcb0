// What holds for every request, before and around Nest's routes: transaction id, zones, credentials, bodies.
//
// Guarantee: every answer carries a transaction id; a route is reached only by a request that is public or whose caller is known; bodies
// reach routes as bytes, at most `entityBytes` of them.
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { type Identity, messages, rejections } from '#entity';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { Authenticator } from '../entities/authenticator';
import { type ApiPath, parsePath } from './api-path';
import { edgeDecision } from './edge';
import { type Reply, corsHeaders, errorReply, transactionHeader, transactionId } from './replies';

declare module 'fastify' {
  interface FastifyRequest {
    transactionId: string;
    apiPath: ApiPath;
    /** Set on every request that is not public. */
    identity: Identity | undefined;
  }
}

export interface EdgeParts {
  readonly authenticator: Authenticator;
  readonly limits: Limits;
  readonly logger: Logger;
}

export function sendReply(reply: FastifyReply, { status, headers, body }: Reply): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** More than Node lets through, so that the limit of the URI is ours to check. */
const pathLengthMax = 1_048_576;

/** Options that Fastify takes only when it is made. */
export function fastifyOptions({ limits, logger }: Omit<EdgeParts, 'authenticator'>): FastifyServerOptions {
  return {
    bodyLimit: limits.entityBytes,
    requestTimeout: limits.requestTimeoutMs,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: pathLengthMax },
    exposeHeadRoutes: false,
    // A path that cannot be decoded is refused before any hook runs.
    frameworkErrors: (error, request, reply) => {
      const isBadPath = error.code === 'FST_ERR_BAD_URL';
      const cause = isBadPath ? rejections.badSyntax(messages.undecodablePath) : error;
      void sendReply(reply, errorReply(cause, transactionId(request.headers), logger));
    },
  };
}

async function edge(request: FastifyRequest, reply: FastifyReply, { authenticator, limits }: EdgeParts): Promise<void> {
  if (request.raw.url !== undefined && request.raw.url.length > limits.uriBytes) {
    throw rejections.uriTooLong(limits.uriBytes);
  }
  request.apiPath = parsePath(request.raw.url ?? '/');
  const decision = edgeDecision(request.method, request.apiPath);
  if (decision.kind === 'public') return;
  if (decision.kind === 'refused') throw decision.rejection;
  if (decision.kind === 'options') {
    const headers = { ...corsHeaders, 'content-type': 'text/plain; charset=UTF-8' };
    await reply.code(200).headers(headers).send(messages.methodsOk);
    return;
  }
  const { authorization } = request.headers;
  request.identity = authenticator.peek(authorization) ?? (await authenticator.authenticate(authorization));
  if (decision.kind === 'refusedAfterAuthentication') throw decision.rejection;
}

/** To be called before Nest registers its routes. */
export function configureRest(fastify: FastifyInstance, parts: EdgeParts): void {
  fastify.decorateRequest('transactionId', '');
  fastify.decorateRequest('apiPath');
  fastify.decorateRequest('identity', undefined);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  fastify.addHook('onRequest', async (request, reply) => {
    request.transactionId = transactionId(request.headers);
    reply.header(transactionHeader, request.transactionId);
    try {
      await edge(request, reply, parts);
    } catch (error) {
      await sendReply(reply, errorReply(error, request.transactionId, parts.logger));
    }
    return reply.sent ? reply : undefined;
  });
}
