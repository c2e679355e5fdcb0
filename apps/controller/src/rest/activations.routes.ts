// /api/v1/namespaces/{namespace}/activations: list, record, logs, result. Read only.
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { checkActivationId, readActivationFilter } from '#entity';
import type { Limits } from '#limits';
import { Activations } from '../entities/activations';
import { ownedNamespace, resolveNamespace } from '../entities/entitlement';
import { entitySegments, namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

/** Syntax before rights, as everywhere. */
function target({ identity, path }: Call): [namespace: string, activationId: string] {
  resolveNamespace(identity, namespaceSegment(path));
  const activationId = checkActivationId(entitySegments(path)[0] ?? '');
  return [ownedNamespace(identity, namespaceSegment(path)), activationId];
}

@Controller('api/v1/namespaces/:namespace/activations')
@UseInterceptors(JsonInterceptor)
export class ActivationRoutes {
  constructor(
    private readonly activations: Activations,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Get()
  async list(@FromCall() { identity, path }: Call) {
    const namespace = ownedNamespace(identity, namespaceSegment(path));
    return Buffer.from(await this.activations.list(namespace, readActivationFilter(path.query, this.limits)));
  }

  @Get(':activationId')
  async get(@FromCall() call: Call) {
    return Buffer.from(await this.activations.get(...target(call)));
  }

  @Get(':activationId/logs')
  async logs(@FromCall() call: Call) {
    return Buffer.from(await this.activations.logsOf(...target(call)));
  }

  @Get(':activationId/result')
  async result(@FromCall() call: Call) {
    return Buffer.from(await this.activations.resultOf(...target(call)));
  }
}
