// The Nest application around the REST API, with Fastify set up as the API needs it. Not listening yet.
import type { DynamicModule, NestApplicationOptions, Type } from '@nestjs/common';
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
  const options: NestApplicationOptions = { bodyParser: false, logger: false, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  configureRest(adapter.getInstance(), parts);
  return app;
}
