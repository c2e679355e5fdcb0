// The HTTP server under the routes: token before anything is read, JSON bodies of bounded size, connections that are kept.
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Limits } from '#limits';
import { bearerCheck } from '#protocol';
import type { Logger } from '#telemetry';
import { AgentModule, type AgentParts } from './agent.module';
import { Refusal } from './ledger/refusal';
import { agentError, AgentErrorsFilter } from './routes/agent-errors.filter';

export interface HttpServerSettings {
  readonly agentToken: string;
  readonly limits: Pick<Limits, 'agentBodyBytes' | 'agentKeepAliveMs'>;
  readonly logger: Logger;
}

/** The id of a controller may have 256 characters, each of which may be escaped. */
const paramLengthMax = 768;

const unauthorized = agentError(
  new Refusal('unauthorized', 'The request needs `Authorization: Bearer` with the agent token of this cluster.'),
);

export async function createHttpServer(
  parts: AgentParts,
  { agentToken, limits, logger }: HttpServerSettings,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: limits.agentBodyBytes,
    routerOptions: { maxParamLength: paramLengthMax },
    keepAliveTimeout: limits.agentKeepAliveMs,
    // Kept connections of controllers do not hold up a stop.
    forceCloseConnections: true,
  });
  const isAllowed = bearerCheck(agentToken);
  const server = adapter.getInstance();
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/health' || isAllowed(request.headers.authorization)) return;
    await reply.status(unauthorized.status).send(unauthorized.body);
  });
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      done(null, JSON.parse(body as string) as unknown);
    } catch (error) {
      done(new Refusal('bad-request', `The body is no JSON: ${(error as Error).message}.`));
    }
  });
  const options: NestApplicationOptions = { bodyParser: false, logger: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(AgentModule.of(parts), adapter, options);
  app.useGlobalFilters(new AgentErrorsFilter(logger, parts.metrics));
  return app;
}
