// Everything that the API offers of the four collections, over one store and one cache.
import type { Clock } from '#clock';
import type { RuntimesManifest } from '#entity';
import type { Limits } from '#limits';
import type { Stores } from '#store';
import type { ActionRepository } from './action-repository';
import { Actions } from './actions';
import { Packages } from './packages';
import { Rules } from './rules';
import { Triggers } from './triggers';

export interface Entities {
  readonly actions: Actions;
  readonly packages: Packages;
  readonly triggers: Triggers;
  readonly rules: Rules;
}

export function entitiesOf(
  { artifacts, alarms }: Pick<Stores, 'artifacts' | 'alarms'>,
  repository: ActionRepository,
  manifest: RuntimesManifest,
  limits: Limits,
  clock: Clock,
): Entities {
  const triggers = new Triggers(artifacts, alarms, limits, clock);
  return {
    actions: new Actions(artifacts, repository, manifest, limits, clock),
    packages: new Packages(artifacts, repository, limits, clock),
    triggers,
    rules: new Rules(artifacts, repository, triggers, limits, clock),
  };
}
