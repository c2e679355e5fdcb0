// Fires the triggers whose alarms are due. Every controller runs one; whoever takes the due time first fires.
//
// Guarantees: a due time is fired at most once over all controllers, and its fire is stored in the transaction that takes it, so that no death
// loses it; one is fired at most `alarmPollMs` after it was due, or after anybody was there, if the store answers and the queue has room. The
// trigger is fired as its namespace's owner. An alarm whose trigger is gone is removed; one whose owner is gone or blocked passes.
import type { Clock } from '#clock';
import type { Identity, StoredTrigger } from '#entity';
import type { Limits } from '#limits';
import type { AlarmRow, Alarms as AlarmStore } from '#store';
import type { Logger } from '#telemetry';
import type { NamespaceOwners } from '../entities/namespace-owners';
import type { Triggers } from '../entities/triggers';
import { payloadOf } from '../invoke/payload';
import type { PreparedFire, TriggerFires } from '../invoke/trigger-fires';
import { afterFire, dueAfter } from './alarm-plan';
import { planOf } from './alarms';

export interface AlarmParts {
  readonly store: Pick<AlarmStore, 'due' | 'fire' | 'remove'>;
  ownerOf(namespace: string): Promise<Identity | undefined>;
  triggerOf(namespace: string, name: string): Promise<StoredTrigger | undefined>;
  readonly fires: Pick<TriggerFires, 'prepare' | 'settle'>;
}

export class AlarmClock {
  private looking: Promise<void> | undefined;

  constructor(
    private readonly parts: AlarmParts,
    private readonly limits: Pick<Limits, 'alarmBatchCount' | 'queueRowsCount'>,
    private readonly clock: Pick<Clock, 'wallMs'>,
    private readonly logger: Logger,
  ) {}

  /** Fires what is due. Call every `alarmPollMs`; resolves when it is done. */
  look(): Promise<void> {
    this.looking ??= this.fireDue()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'alarms: not looked at; trying again'))
      .finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async fireDue(): Promise<void> {
    const rows = await this.parts.store.due(this.clock.wallMs(), this.limits.alarmBatchCount);
    for (const row of rows) {
      try {
        await this.fire(row);
      } catch (error) {
        this.logger.warn({ err: error }, `alarm of ${row.namespace}/${row.trigger}: not fired; trying again`);
      }
    }
  }

  private async fire(row: AlarmRow): Promise<void> {
    const { namespace, trigger: name } = row;
    const { store, fires } = this.parts;
    const trigger = await this.parts.triggerOf(namespace, name);
    if (trigger === undefined) {
      await store.remove(namespace, name);
      return;
    }
    const identity = await this.parts.ownerOf(namespace);
    const plan = planOf(row.alarm);
    const fired = afterFire(plan);
    const next = {
      ...row,
      dueAt: dueAfter(fired, Math.max(row.dueAt!, this.clock.wallMs())),
      alarm: JSON.stringify(fired),
    };
    let prepared: PreparedFire | undefined;
    if (identity !== undefined) {
      const payload = payloadOf(JSON.stringify(plan.payload), plan.payload);
      const transactionId = `alarm-${row.id}-${row.dueAt}`;
      prepared = await fires.prepare({ identity, trigger, payload, headers: undefined, transactionId });
    }
    let isFired = false;
    try {
      const outcome = await store.fire(row, next, prepared && fireOf(prepared), this.limits.queueRowsCount);
      isFired = outcome === 'fired';
      if (outcome === 'full') this.logger.warn(`alarm of ${namespace}/${name}: the queue is full; trying again`);
    } finally {
      if (prepared) fires.settle(prepared, isFired);
    }
  }
}

export function alarmPartsOf(
  store: AlarmStore,
  owners: NamespaceOwners,
  triggers: Triggers,
  fires: TriggerFires,
): AlarmParts {
  return {
    store,
    fires,
    ownerOf: (namespace) => owners.of(namespace),
    triggerOf: (namespace, name) => triggers.find({ namespace, packageName: undefined, name }),
  };
}

const fireOf = ({ record, invocations }: PreparedFire) => ({ record, invocations });
