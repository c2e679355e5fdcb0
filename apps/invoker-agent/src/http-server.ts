// The HTTP server under the routes: token before anything is read, JSON bodies of bounded size, connections that are kept. Plain suspends and resumes
// are answered below Nest (routes/plain-suspensions.ts).
import type { Server } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Limits } from '#limits';
import { bearerCheck } from '#protocol';
import type { Logger } from '#telemetry';
import { AgentModule, type AgentParts } from './agent.module';
import { Refusal } from './ledger/refusal';
import { agentError, AgentErrorsFilter, ErrorAnswers } from './routes/agent-errors.filter';
import { bodyOf } from './routes/parse';
import { PlainSuspensions } from './routes/plain-suspensions';

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
    try {
      done(null, bodyOf(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  const options: NestApplicationOptions = { bodyParser: false, logger: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(AgentModule.of(parts), adapter, options);
  const answers = new ErrorAnswers(logger, parts.metrics);
  app.useGlobalFilters(new AgentErrorsFilter(answers));
  new PlainSuspensions(parts, isAllowed, answers).serve(app.getHttpServer() as Server);
  return app;
}
