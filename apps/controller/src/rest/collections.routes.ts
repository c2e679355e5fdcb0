// Lists of what this version does not have yet: triggers and rules are empty collections, with the rights of real ones, so that
// clients which ask for all four lists (`wsk list`, `namespaces.get`) work. Any other request on them is a route that does not exist.
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { readPage } from '#entity';
import type { Limits } from '#limits';
import { ownedNamespace } from '../entities/entitlement';
import { namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

@Controller('api/v1/namespaces/:namespace')
@UseInterceptors(JsonInterceptor)
export class CollectionRoutes {
  constructor(@InjectLimits() private readonly limits: Limits) {}

  @Get('triggers')
  triggers(@FromCall() { identity, path }: Call) {
    ownedNamespace(identity, namespaceSegment(path));
    return this.none(path.query, 'triggers');
  }

  @Get('rules')
  rules(@FromCall() { identity, path }: Call) {
    ownedNamespace(identity, namespaceSegment(path));
    return this.none(path.query, 'rules');
  }

  private none(query: URLSearchParams, collection: string) {
    return readPage(query, collection, this.limits).isCount ? { [collection]: 0 } : [];
  }
}
