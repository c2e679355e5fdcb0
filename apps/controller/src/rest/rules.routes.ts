// /api/v1/namespaces/{namespace}/rules: list, read, write, remove; and the state of a rule, whose answer is plain text.
import { Controller, Delete, Get, Post, Put, Res, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { messages, readBoolean, readPage } from '#entity';
import type { Limits } from '#limits';
import { ownedNamespace } from '../entities/entitlement';
import { Rules } from '../entities/rules';
import { namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { corsHeaders } from './replies';
import { InjectLimits } from './tokens';
import { ownTarget } from './triggers.routes';

@Controller('api/v1/namespaces/:namespace/rules')
@UseInterceptors(JsonInterceptor)
export class RuleRoutes {
  constructor(
    private readonly rules: Rules,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Get()
  async list(@FromCall() { identity, path }: Call) {
    const namespace = ownedNamespace(identity, namespaceSegment(path));
    return this.rules.list(namespace, readPage(path.query, 'rules', this.limits));
  }

  @Get(':name')
  async get(@FromCall() call: Call) {
    return this.rules.get(ownTarget(call));
  }

  @Put(':name')
  async put(@FromCall() call: Call) {
    const isOverwriting = (): boolean => readBoolean(call.path.query, 'overwrite', false);
    return this.rules.put(call.identity, ownTarget(call), isOverwriting, call.body);
  }

  @Delete(':name')
  async remove(@FromCall() call: Call) {
    return this.rules.remove(ownTarget(call));
  }
}

@Controller('api/v1/namespaces/:namespace/rules')
export class RuleStatusRoutes {
  constructor(private readonly rules: Rules) {}

  @Post(':name')
  async setStatus(@FromCall() call: Call, @Res() reply: FastifyReply) {
    await this.rules.setStatus(ownTarget(call), call.body);
    return reply
      .code(200)
      .headers({ ...corsHeaders, 'content-type': 'text/plain; charset=UTF-8' })
      .send(messages.methodsOk);
  }
}
