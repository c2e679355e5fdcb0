// The controller as a Nest module: OpenWhisk's REST API. The data path stands beside it, on the same HTTP server, not inside.
import { type DynamicModule, Module } from '@nestjs/common';
import { RestModule } from './rest/rest.module';
import type { RestParts } from './rest/rest.module';

@Module({})
export class ControllerModule {
  static register(parts: RestParts): DynamicModule {
    return { module: ControllerModule, imports: [RestModule.register(parts)] };
  }
}
