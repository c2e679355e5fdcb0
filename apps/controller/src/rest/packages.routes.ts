// /api/v1/namespaces/{namespace}/packages: list, read, write, remove.
import { Controller, Delete, Get, Put, UseInterceptors } from '@nestjs/common';
import { readBoolean, readPage } from '#entity';
import type { Limits } from '#limits';
import { packageTarget, resolveNamespace } from '../entities/entitlement';
import { Packages } from '../entities/packages';
import { entitySegments, namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

@Controller('api/v1/namespaces/:namespace/packages')
@UseInterceptors(JsonInterceptor)
export class PackageRoutes {
  constructor(
    private readonly packages: Packages,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  /** Packages of any namespace may be listed; of others only shared ones show. */
  @Get()
  async list(@FromCall() { identity, path }: Call) {
    const namespace = resolveNamespace(identity, namespaceSegment(path));
    return this.packages.list(identity, namespace, readPage(path.query, 'packages', this.limits));
  }

  @Get(':name')
  async get(@FromCall() { identity, path }: Call) {
    const name = packageTarget(identity, namespaceSegment(path), entitySegments(path), 'read');
    return this.packages.get(identity, name);
  }

  @Put(':name')
  async put(@FromCall() { identity, path, body }: Call) {
    const name = packageTarget(identity, namespaceSegment(path), entitySegments(path), 'write');
    return this.packages.put(identity, name, () => readBoolean(path.query, 'overwrite', false), body);
  }

  @Delete(':name')
  async remove(@FromCall() { identity, path }: Call) {
    const name = packageTarget(identity, namespaceSegment(path), entitySegments(path), 'write');
    return this.packages.remove(name, readBoolean(path.query, 'force', false));
  }
}
