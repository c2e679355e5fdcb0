// The Nest application around the REST API, with Fastify set up as the API needs it. Not listening yet.
import type { Type } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyServerOptions } from 'fastify';
import { type EdgeParts, configureRest, fastifyOptions } from './configure';

/** `serverFactory` puts a server of the caller's under Fastify. */
export async function createRestApp(
  module: Type | DynamicModule,
  parts: EdgeParts,
  serverFactory?: FastifyServerOptions['serverFactory'],
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({ ...fastifyOptions(parts), ...(serverFactory ? { serverFactory } : {}) });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  configureRest(adapter.getInstance(), parts);
  return app;
}
