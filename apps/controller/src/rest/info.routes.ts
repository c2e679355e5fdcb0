// What anybody may ask: liveness, what this server can do, and the description of its API.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { RuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import { openApiDocument } from './openapi/openapi-document';
import { corsHeaders, jsonType } from './replies';
import { InjectLimits, manifestToken } from './tokens';

const bytesPerMb = 1_048_576;

/** OpenWhisk's own document; the build copies it beside this file. */
const swagger = readFileSync(join(__dirname, 'swagger/apiv1swagger.json'));

const openApi = Buffer.from(JSON.stringify(openApiDocument('1.0.0')));

const invokerHeaders = { ...corsHeaders, 'access-control-allow-methods': 'OPTIONS, GET, POST' };

function send(reply: FastifyReply, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  void reply.headers({ 'content-type': jsonType, ...headers }).send(bytes);
}

@Controller()
export class InfoRoutes {
  constructor(
    @InjectLimits() private readonly limits: Limits,
    @Inject(manifestToken) private readonly manifest: RuntimesManifest,
  ) {}

  @Get()
  server(@Res() reply: FastifyReply): void {
    const { limits } = this;
    const durations = { min: limits.actionTimeoutMinMs, max: limits.actionTimeoutMaxMs };
    const memory = { min: limits.actionMemoryMinMb * bytesPerMb, max: limits.actionMemoryMaxMb * bytesPerMb };
    const logs = { min: 0, max: limits.actionLogsMaxMb * bytesPerMb };
    send(reply, {
      api_paths: ['/api/v1'],
      description: 'OpenWhisk',
      limits: {
        actions_per_minute: limits.namespaceInvocationsPerMinute,
        concurrent_actions: limits.namespaceConcurrentInvocationsCount,
        default_max_action_duration: durations.max,
        default_max_action_logs: logs.max,
        default_max_action_memory: memory.max,
        default_min_action_duration: durations.min,
        default_min_action_logs: logs.min,
        default_min_action_memory: memory.min,
        max_action_duration: durations.max,
        max_action_logs: logs.max,
        max_action_memory: memory.max,
        min_action_duration: durations.min,
        min_action_logs: logs.min,
        min_action_memory: memory.min,
        sequence_length: limits.sequenceLengthCount,
        triggers_per_minute: limits.namespaceFiresPerMinute,
      },
      runtimes: this.manifest.info(),
      support: {
        github: 'https://github.com/apache/openwhisk/issues',
        slack: 'http://slack.openwhisk.org',
      },
    });
  }

  @Get('ping')
  ping(@Res() reply: FastifyReply): void {
    void reply.header('content-type', 'text/plain; charset=UTF-8').send('pong');
  }

  /** Nodes are the scheduler's business and seen through its admin interface; a controller keeps no registry of them. */
  @Get('invokers')
  invokers(@Res() reply: FastifyReply): void {
    send(reply, {}, invokerHeaders);
  }

  @Get('invokers/healthy/count')
  healthyInvokers(@Res() reply: FastifyReply): void {
    send(reply, 0, invokerHeaders);
  }

  @Get('api/v1')
  api(@Res() reply: FastifyReply): void {
    const body = {
      api_version: '1.0.0',
      api_version_path: 'v1',
      build: 'hearth',
      buildno: 'latest',
      description: 'OpenWhisk API',
      swagger_paths: { 'api-docs': '/api-docs', ui: '/docs' },
    };
    send(reply, body, corsHeaders);
  }

  @Get('api/v1/api-docs')
  apiDocs(@Res() reply: FastifyReply): void {
    send(reply, swagger, corsHeaders);
  }

  @Get('api/v1/openapi.json')
  openApi(@Res() reply: FastifyReply): void {
    send(reply, openApi, corsHeaders);
  }

  @Get('api/v1/docs')
  docs(@Res() reply: FastifyReply): void {
    const location = 'docs/index.html?url=/api/v1/api-docs';
    const text = `The request, and all future requests should be repeated using <a href="${location}">this URI</a>.`;
    void reply
      .code(308)
      .headers({ ...corsHeaders, location, 'content-type': 'text/html; charset=UTF-8' })
      .send(text);
  }
}
