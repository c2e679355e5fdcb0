// POST /hearth/v1/alarms/{namespace}/{trigger}: what the feeds of /whisk.system/alarms tell of the life of a trigger. Hearth's own.
import { Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { Alarms } from '../alarms/alarms';
import { ownedNamespace } from '../entities/entitlement';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';

@Controller('hearth/v1/alarms')
@UseInterceptors(JsonInterceptor)
export class AlarmRoutes {
  constructor(private readonly alarms: Alarms) {}

  @Post(':namespace/:trigger')
  @HttpCode(200)
  async lifecycle(@FromCall() { identity, path, body }: Call) {
    ownedNamespace(identity, path.segments[3] ?? '');
    return this.alarms.lifecycle(identity, path.segments[4] ?? '', body());
  }
}
