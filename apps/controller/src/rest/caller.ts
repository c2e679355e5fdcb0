// What a route gets of its request: who calls, which path, which body.
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { type Identity, rejections } from '#entity';
import { type ParsedPayload, payloadOf } from '../invoke/payload';
import type { ApiPath } from './api-path';
import { checkJsonType, jsonBody, jsonPayload } from './json-body';

export interface Call {
  readonly identity: Identity;
  readonly path: ApiPath;
  /** The body as JSON. Throws 415 or the 400 of malformed content; to be called once syntax and rights are checked. */
  readonly body: () => unknown;
  /** The body as a payload, which has to be an object or nothing. Throws 413, 415 or the 400 of malformed content. */
  readonly payload: (bytesMax: number) => ParsedPayload;
  readonly headers: IncomingHttpHeaders;
  readonly transactionId: string;
}

export function callOf(request: FastifyRequest): Call {
  const { identity, apiPath, headers, transactionId } = request;
  if (identity === undefined) throw new Error(`route ${request.url}: was reached without a caller`);
  const bytes = request.body as Buffer | undefined;
  return {
    identity,
    path: apiPath,
    body: () => jsonBody(headers, bytes),
    payload: (bytesMax) => {
      if (bytes === undefined || bytes.length === 0) return payloadOf('', undefined);
      if (bytes.length > bytesMax) throw rejections.requestTooLarge(bytes.length, bytesMax);
      checkJsonType(headers);
      const text = bytes.toString('utf8');
      return payloadOf(text, jsonPayload(text));
    },
    headers,
    transactionId,
  };
}

/** The call, in a route below /api/v1/namespaces. */
export const FromCall = createParamDecorator((_: unknown, context: ExecutionContext): Call =>
  callOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
