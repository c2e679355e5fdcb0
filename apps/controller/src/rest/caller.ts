// What a route gets of its request: who calls, which path, which body.
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Identity } from '#entity';
import type { ApiPath } from './api-path';
import { jsonBody } from './json-body';

export interface Call {
  readonly identity: Identity;
  readonly path: ApiPath;
  /** The body as JSON. Throws 415 or the 400 of malformed content; to be called once syntax and rights are checked. */
  readonly body: () => unknown;
}

export function callOf(request: FastifyRequest): Call {
  const { identity, apiPath, headers } = request;
  if (identity === undefined) throw new Error(`route ${request.url}: was reached without a caller`);
  return { identity, path: apiPath, body: () => jsonBody(headers, request.body as Buffer | undefined) };
}

/** The call, in a route below /api/v1/namespaces. */
export const FromCall = createParamDecorator((_: unknown, context: ExecutionContext): Call =>
  callOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
