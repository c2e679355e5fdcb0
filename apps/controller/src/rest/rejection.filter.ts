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

  /** Refusals of the frameworks, which reach us as HttpException: only their status is of use. */
  private translate(error: unknown, { headers, raw }: FastifyRequest): unknown {
    // The client went away in the middle of its body: that is no failure of ours, and nobody reads an answer.
    if (raw.destroyed && !raw.complete) return rejections.malformed('the body ended early');
    if (!(error instanceof HttpException)) return error;
    switch (error.getStatus()) {
      case 400:
        return rejections.malformed(error.message);
      case 404:
        return rejections.routeNotFound();
      case 413: {
        const sizeBytes = Number(headers['content-length'] ?? this.limits.entityBytes + 1);
        return rejections.requestTooLarge(sizeBytes, this.limits.entityBytes);
      }
      case 415:
        return rejections.unsupportedContentType(headers['content-type'] ?? '');
      default:
        return error;
    }
  }
}
