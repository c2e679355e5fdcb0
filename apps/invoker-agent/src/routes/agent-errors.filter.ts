// The one place that turns what went wrong into HTTP: status by code, body as agent-api.ts says.
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AgentError, AgentErrorCode } from '#protocol';
import type { Logger } from '#telemetry';
import type { AgentMetrics } from '../agent-metrics';
import { Refusal } from '../ledger/refusal';

const statusByCode: Record<AgentErrorCode, number> = {
  'bad-request': 400,
  unauthorized: 401,
  'unknown-container': 404,
  'unknown-route': 404,
  'stale-epoch': 409,
  'stale-grant': 409,
  'stale-sequence': 409,
  'lease-lives': 409,
  superseded: 409,
  removed: 409,
  'no-capacity': 409,
  'cannot-create': 400,
  'driver-failed': 500,
  timeout: 500,
};

export function agentError({ code, message, epoch }: Refusal): { status: number; body: AgentError } {
  const body = { error: message, code, ...(epoch === undefined ? {} : { epoch: String(epoch) }) };
  return { status: statusByCode[code], body };
}

@Catch()
export class AgentErrorsFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: AgentMetrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = this.refusalOf(error, request);
    const { status, body } = agentError(refusal);
    this.metrics.commands.inc({ command: request.routeOptions?.url ?? 'unknown', code: body.code });
    void reply.status(status).send(body);
  }

  private refusalOf(error: unknown, { method, url }: FastifyRequest): Refusal {
    if (error instanceof Refusal) return error;
    const path = url.split('?', 1)[0];
    const text = error instanceof Error ? error.message : String(error);
    // Nest's and Fastify's own: no such route, or a request that they could not read.
    const status = error instanceof HttpException ? error.getStatus() : 500;
    if (status === 404) return new Refusal('unknown-route', `There is no ${method} ${path} here.`);
    if (status < 500) return new Refusal('bad-request', `The request cannot be read: ${text}.`);
    this.logger.error({ err: error }, `${method} ${path}: failed`);
    return new Refusal('driver-failed', `The agent failed: ${text}.`);
  }
}
