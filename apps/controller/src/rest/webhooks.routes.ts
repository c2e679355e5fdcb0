// /hearth/v1/webhooks/{namespace}/{trigger}: the owner makes, looks at and removes the webhook of a trigger. Hearth's own.
import { Controller, Delete, Get, Put, UseInterceptors } from '@nestjs/common';
import { entityTarget } from '../entities/entitlement';
import { Webhooks } from '../entities/webhooks';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';

const target = ({ identity, path }: Call) =>
  entityTarget(identity, path.segments[3] ?? '', path.segments.slice(4), 'write');

@Controller('hearth/v1/webhooks')
@UseInterceptors(JsonInterceptor)
export class WebhookRoutes {
  constructor(private readonly webhooks: Webhooks) {}

  @Get(':namespace/:trigger')
  async get(@FromCall() call: Call) {
    return this.webhooks.get(target(call));
  }

  @Put(':namespace/:trigger')
  async put(@FromCall() call: Call) {
    return this.webhooks.put(target(call), call.body);
  }

  @Delete(':namespace/:trigger')
  async remove(@FromCall() call: Call) {
    return this.webhooks.remove(target(call));
  }
}
