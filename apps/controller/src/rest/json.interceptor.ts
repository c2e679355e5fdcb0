// Successful answers: compact JSON with CORS headers. What is bytes already is sent as it is.
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Observable, map } from 'rxjs';
import { rejections } from '#entity';
import { acceptsJson } from './accept';
import { corsHeaders, jsonType } from './replies';

@Injectable()
export class JsonInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer> {
    const http = context.switchToHttp();
    if (!acceptsJson(http.getRequest<FastifyRequest>().headers)) throw rejections.notAcceptable(jsonType);
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(
      map((value: unknown) => {
        reply.headers({ ...corsHeaders, 'content-type': jsonType });
        return Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
      }),
    );
  }
}
