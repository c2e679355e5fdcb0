// /api/v1/namespaces/{namespace}/actions: list, read, write, remove. Invoking is not here: it is on the raw server below Nest.
import { Controller, Delete, Get, Put, UseInterceptors } from '@nestjs/common';
import { readBoolean, readPage } from '#entity';
import type { Limits } from '#limits';
import { Actions } from '../entities/actions';
import { entityTarget, ownedNamespace, packageTarget } from '../entities/entitlement';
import { entitySegments, namespaceSegment } from './api-path';
import { type Call, FromCall } from './caller';
import { JsonInterceptor } from './json.interceptor';
import { InjectLimits } from './tokens';

@Controller('api/v1/namespaces/:namespace/actions')
@UseInterceptors(JsonInterceptor)
export class ActionRoutes {
  constructor(
    private readonly actions: Actions,
    @InjectLimits() private readonly limits: Limits,
  ) {}

  @Get()
  async list(@FromCall() { identity, path }: Call) {
    const namespace = ownedNamespace(identity, namespaceSegment(path));
    return this.actions.list(namespace, undefined, readPage(path.query, 'actions', this.limits));
  }

  /** `actions/x` is an action, `actions/x/` the list of package x. */
  @Get(':first')
  async getOrListPackage(@FromCall() call: Call) {
    return call.path.hasTrailingSlash ? this.listPackage(call) : this.get(call);
  }

  @Get(':package/:name')
  async get(@FromCall() { identity, path }: Call) {
    const name = entityTarget(identity, namespaceSegment(path), entitySegments(path), 'read');
    return this.actions.get(identity, name, readBoolean(path.query, 'code', true));
  }

  @Put([':name', ':package/:name'])
  async put(@FromCall() { identity, path, body }: Call) {
    const name = entityTarget(identity, namespaceSegment(path), entitySegments(path), 'write');
    return this.actions.put(identity, name, () => readBoolean(path.query, 'overwrite', false), body);
  }

  @Delete([':name', ':package/:name'])
  async remove(@FromCall() { identity, path }: Call) {
    return this.actions.remove(entityTarget(identity, namespaceSegment(path), entitySegments(path), 'write'));
  }

  private async listPackage({ identity, path }: Call) {
    const { namespace, name } = packageTarget(identity, namespaceSegment(path), entitySegments(path), 'read');
    return this.actions.listPackage(identity, { namespace, name }, readPage(path.query, 'actions', this.limits));
  }
}
