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

/** Answers to what went wrong, counted; for the filter and for what is answered below Nest. */
export class ErrorAnswers {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: Pick<AgentMetrics, 'commands'>,
  ) {}

  /** `route` as it is registered, undefined for none. */
  of(error: unknown, method: string, url: string, route: string | undefined): { status: number; body: AgentError } {
    const answer = agentError(this.refusalOf(error, method, url));
    this.metrics.commands.inc({ command: route ?? 'unknown', code: answer.body.code });
    return answer;
  }

  private refusalOf(error: unknown, method: string, url: string): Refusal {
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

@Catch()
export class AgentErrorsFilter implements ExceptionFilter {
  constructor(private readonly answers: ErrorAnswers) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { method, url, routeOptions } = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body } = this.answers.of(error, method, url, routeOptions?.url);
    void reply.status(status).send(body);
  }
}
