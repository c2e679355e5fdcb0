// Whatever a route throws, as an answer: hands Nest's and Fastify's own refusals, translated, to replies.ts.
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { rejections } from '#entity';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import { sendReply } from './configure';
import { errorReply } from './replies';

@Catch()
export class RejectionFilter implements ExceptionFilter {
  constructor(
    private readonly limits: Pick<Limits, 'entityBytes'>,
    private readonly logger: Logger,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) {
      this.logger.error({ err: error, transactionId: request.transactionId }, 'request: failed (after its answer)');
      return;
    }
    void sendReply(reply, errorReply(this.translate(error, request), request.transactionId, this.logger));
  }

  private translate(error: unknown, request: FastifyRequest): unknown {
    if (error instanceof HttpException && error.getStatus() === 404) return rejections.routeNotFound();
    const { code } = error as { code?: unknown };
    const { headers } = request;
    if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      const sizeBytes = Number(headers['content-length'] ?? this.limits.entityBytes + 1);
      return rejections.requestTooLarge(sizeBytes, this.limits.entityBytes);
    }
    if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
      return rejections.unsupportedContentType(headers['content-type'] ?? '');
    if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH')
      return rejections.malformed('The body is not as long as declared.');
    return error;
  }
}
