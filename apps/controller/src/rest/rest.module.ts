// The REST API as a Nest module, made of parts that its caller built with `new`.
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { Clock } from '#clock';
import type { RuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import type { Stores } from '#store';
import type { Logger } from '#telemetry';
import { Alarms } from '../alarms/alarms';
import type { ActionRepository } from '../entities/action-repository';
import { Actions } from '../entities/actions';
import { type ActivationFlush, Activations } from '../entities/activations';
import { entitiesOf } from '../entities/entities';
import { Packages } from '../entities/packages';
import { Rules } from '../entities/rules';
import { Triggers } from '../entities/triggers';
import type { CacheInvalidation } from '../entities/cache-invalidation';
import { Webhooks } from '../entities/webhooks';
import { TriggerFires } from '../invoke/trigger-fires';
import { ActionRoutes } from './actions.routes';
import { ActivationRoutes } from './activations.routes';
import { AlarmRoutes } from './alarms.routes';
import { HookRoutes, type Owners } from './hooks.routes';
import { InfoRoutes } from './info.routes';
import { NamespaceRoutes } from './namespaces.routes';
import { PackageRoutes } from './packages.routes';
import { RejectionFilter } from './rejection.filter';
import { RuleRoutes, RuleStatusRoutes } from './rules.routes';
import { limitsToken, manifestToken, ownersToken } from './tokens';
import { TriggerFireRoutes } from './trigger-fires.routes';
import { TriggerRoutes } from './triggers.routes';
import { WebhookRoutes } from './webhooks.routes';

export interface RestParts {
  readonly stores: Pick<Stores, 'artifacts' | 'alarms' | 'activations' | 'logs'>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly manifest: RuntimesManifest;
  readonly actions: ActionRepository;
  readonly fires: TriggerFires;
  readonly owners: Owners;
  readonly invalidation: CacheInvalidation;
  readonly flush: ActivationFlush;
}

@Module({})
export class RestModule {
  static register({
    stores,
    limits,
    clock,
    logger,
    manifest,
    actions,
    fires,
    owners,
    invalidation,
    flush,
  }: RestParts): DynamicModule {
    const entities = entitiesOf(stores, actions, manifest, limits, clock);
    const alarms = new Alarms(stores.alarms, entities.triggers, limits, clock);
    return {
      module: RestModule,
      controllers: [
        InfoRoutes,
        NamespaceRoutes,
        ActionRoutes,
        PackageRoutes,
        TriggerRoutes,
        TriggerFireRoutes,
        RuleRoutes,
        RuleStatusRoutes,
        ActivationRoutes,
        AlarmRoutes,
        WebhookRoutes,
        HookRoutes,
      ],
      providers: [
        { provide: limitsToken, useValue: limits },
        { provide: manifestToken, useValue: manifest },
        { provide: Actions, useValue: entities.actions },
        { provide: Packages, useValue: entities.packages },
        { provide: Triggers, useValue: entities.triggers },
        { provide: Rules, useValue: entities.rules },
        { provide: ownersToken, useValue: owners },
        { provide: Webhooks, useValue: new Webhooks(entities.triggers, limits, clock, invalidation) },
        { provide: Alarms, useValue: alarms },
        { provide: TriggerFires, useValue: fires },
        { provide: Activations, useValue: new Activations(stores.activations, stores.logs, flush, limits, clock) },
        { provide: APP_FILTER, useValue: new RejectionFilter(limits, logger) },
      ],
    };
  }
}
