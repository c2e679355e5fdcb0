// /api/v1/namespaces/{namespace}/triggers: list, read, write, remove. Firing is in trigger-fires.routes.ts.
import { Controller, Delete, Get, Put, UseInterceptors } from '@nestjs/common';
import { readBoolean, readPage } from '#entity';
import type { Limits } from '#limits';
import { entityTarget, ownedNamespace } from '../entities/entitlement';
import { Triggers } from '../entities/triggers';
import { entitySegments, namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

/** Triggers and rules are their owner's alone. */
export function ownTarget({ identity, path }: Call) {
  return entityTarget(identity, namespaceSegment(path), entitySegments(path), 'write');
}

@Controller('api/v1/namespaces/:namespace/triggers')
@UseInterceptors(JsonInterceptor)
export class TriggerRoutes {
  constructor(
    private readonly triggers: Triggers,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Get()
  async list(@FromCall() { identity, path }: Call) {
    const namespace = ownedNamespace(identity, namespaceSegment(path));
    return this.triggers.list(namespace, readPage(path.query, 'triggers', this.limits));
  }

  @Get(':name')
  async get(@FromCall() call: Call) {
    return this.triggers.get(ownTarget(call));
  }

  @Put(':name')
  async put(@FromCall() call: Call) {
    return this.triggers.put(
      call.identity,
      ownTarget(call),
      () => readBoolean(call.path.query, 'overwrite', false),
      call.body,
    );
  }

  @Delete(':name')
  async remove(@FromCall() call: Call) {
    return this.triggers.remove(ownTarget(call));
  }
}
