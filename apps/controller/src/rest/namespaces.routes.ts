// /api/v1/namespaces: whose credential this is, and what it may do.
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { messages, rejections } from '#entity';
import type { Limits } from '#limits';
import { ownedNamespace } from '../entities/entitlement';
import { showNamespaceLimits } from '../entities/namespace-limits';
import { namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

@Controller('api/v1/namespaces')
@UseInterceptors(JsonInterceptor)
export class NamespaceRoutes {
  constructor(@InjectLimits() private readonly limits: Limits) {}

  /** A credential belongs to exactly one namespace. */
  @Get()
  list(@FromCall() { identity }: Call) {
    return [identity.namespace];
  }

  @Get(':namespace/limits')
  limitsOf(@FromCall() { identity, path }: Call) {
    ownedNamespace(identity, namespaceSegment(path));
    return showNamespaceLimits(identity, this.limits);
  }

  @Get(':namespace/limits/:name')
  limitOf() {
    throw rejections.badSyntax(messages.noSingleLimits);
  }
}
