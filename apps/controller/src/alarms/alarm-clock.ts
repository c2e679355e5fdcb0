// Fires the triggers whose alarms are due. Every controller runs one; whoever takes the due time first fires.
//
// Guarantees: a due time is fired at most once over all controllers, and its fire is stored in the transaction that takes it, so that no death
// loses it; one is fired at most `alarmPollMs` after it was due, or after anybody was there, if the store answers and the queue has room. The
// trigger is fired as its namespace's owner. An alarm whose trigger is gone is removed; one whose owner is gone or blocked passes. One that has to
// delete its trigger after it has fired stays due until that is done, whoever dies meanwhile.
import type { Clock } from '#clock';
import { type EntityName, type Identity, nameOfReference, Rejection, type StoredTrigger } from '#entity';
import type { Limits } from '#limits';
import type { AlarmRow, Alarms as AlarmStore } from '#store';
import type { Logger } from '#telemetry';
import type { NamespaceOwners } from '../entities/namespace-owners';
import type { Entities } from '../entities/entities';
import { payloadOf } from '../invoke/payload';
import type { PreparedFire, TriggerFires } from '../invoke/trigger-fires';
import { afterFire, dueAfter, endOf } from './alarm-plan';
import { planOf } from './alarms';

export interface AlarmParts {
  readonly store: Pick<AlarmStore, 'due' | 'fire' | 'remove'>;
  ownerOf(namespace: string): Promise<Identity | undefined>;
  triggerOf(namespace: string, name: string): Promise<StoredTrigger | undefined>;
  readonly fires: Pick<TriggerFires, 'prepare' | 'settle'>;
  /** Deletes a trigger, `withRules` after the rules that follow it. What is gone already does no harm. */
  end(trigger: StoredTrigger, withRules: boolean): Promise<void>;
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
    const plan = planOf(row.alarm);
    const end = endOf(plan);
    if (end !== undefined) return this.parts.end(trigger, end === 'rules');
    const identity = await this.parts.ownerOf(namespace);
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
  { triggers, rules }: Pick<Entities, 'triggers' | 'rules'>,
  fires: TriggerFires,
): AlarmParts {
  return {
    store,
    fires,
    ownerOf: (namespace) => owners.of(namespace),
    triggerOf: (namespace, name) => triggers.find({ namespace, packageName: undefined, name }),
    end: async ({ namespace, name, document }, withRules) => {
      const followers = withRules ? Object.keys(document.rules ?? {}) : [];
      for (const rule of followers) await unlessGone(rules.remove(ruleName(rule)));
      await unlessGone(triggers.remove({ namespace, packageName: undefined, name }));
    },
  };
}

/** `guest/rule`, as triggers name their rules. */
function ruleName(text: string): EntityName {
  const at = text.lastIndexOf('/');
  return nameOfReference({ path: text.slice(0, at), name: text.slice(at + 1) });
}

async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (!(error instanceof Rejection) || error.status !== 404) throw error;
  });
}

const fireOf = ({ record, invocations }: PreparedFire) => ({ record, invocations });
