// Trigger fires and alarms in SQL. Guarantees are those of the seam (trigger-fires.ts).
import type { AlarmRow, Alarms, TriggerFire, TriggerFires } from '../trigger-fires';
import type { Differences } from './differences';
import { lockRows } from './lock-rows';
import { insertRecords } from './sql-activation-store';
import { insertQueued, waitingCount } from './sql-invocation-queue';
import type { AlarmTable, Database } from './tables';

/** How long a due time that was taken is remembered: far longer than anybody may take to try again. */
const takenMs = 86_400_000;

async function storeFire(
  transaction: Database,
  differences: Differences,
  { record, invocations }: TriggerFire,
): Promise<void> {
  await insertQueued(transaction, await differences.nowMs(transaction), invocations);
  if (record) await insertRecords(transaction, differences, [record]);
}

export class SqlTriggerFires implements TriggerFires {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  store(fires: readonly TriggerFire[], capacity: number): Promise<boolean[]> {
    return this.database.transaction().execute(async (transaction) => {
      let room = capacity - (await waitingCount(transaction, this.differences));
      const stored: boolean[] = [];
      for (const fire of fires) {
        const isTaken = fire.invocations.length <= room;
        if (isTaken) await storeFire(transaction, this.differences, fire);
        if (isTaken) room -= fire.invocations.length;
        stored.push(isTaken);
      }
      return stored;
    });
  }
}

export class SqlAlarms implements Alarms {
  constructor(
    private readonly database: Database,
    private readonly differences: Differences,
  ) {}

  put(row: AlarmRow): Promise<void> {
    return this.database.transaction().execute(async (transaction) => {
      await removeAlarm(transaction, row);
      const { namespace: _, trigger: __, ...columns } = tableRow(row);
      const insert = transaction.insertInto('alarms').values(tableRow(row));
      // Somebody else made one at the same moment: the later one holds.
      await insert.onConflict((clash) => clash.columns(['namespace', 'trigger']).doUpdateSet(columns)).execute();
    });
  }

  async get(namespace: string, trigger: string): Promise<AlarmRow | undefined> {
    const found = await this.of(namespace, trigger).executeTakeFirst();
    return found && alarmRow(found);
  }

  remove(namespace: string, trigger: string): Promise<boolean> {
    return this.database.transaction().execute((transaction) => removeAlarm(transaction, { namespace, trigger }));
  }

  async count(namespace: string): Promise<number> {
    const { total } = await this.database
      .selectFrom('alarms')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .where('namespace', '=', namespace)
      .executeTakeFirstOrThrow();
    return Number(total);
  }

  async due(now: number, limit: number): Promise<AlarmRow[]> {
    const query = this.database.selectFrom('alarms').selectAll().where('due_at', '<=', now);
    return (await query.orderBy('due_at').limit(limit).execute()).map(alarmRow);
  }

  async nextDueAt(): Promise<number | undefined> {
    const query = this.database.selectFrom('alarms').select('due_at').where('due_at', 'is not', null);
    const first = await query.orderBy('due_at').limit(1).executeTakeFirst();
    return first?.due_at === undefined || first.due_at === null ? undefined : Number(first.due_at);
  }

  fire(
    due: AlarmRow,
    next: AlarmRow,
    fire: TriggerFire | undefined,
    capacity: number,
  ): Promise<'fired' | 'over' | 'full'> {
    return this.database.transaction().execute(async (transaction) => {
      const dueAt = due.dueAt!;
      const found = transaction.selectFrom('alarms').select(['id', 'due_at']).where('id', '=', due.id);
      const stored = await lockRows(found, this.differences).executeTakeFirst();
      if (!stored || stored.due_at === null || Number(stored.due_at) !== dueAt) return 'over';
      if (fire && (await waitingCount(transaction, this.differences)) + fire.invocations.length > capacity)
        return 'full';
      const taken = await transaction
        .insertInto('alarm_fires')
        .values({ alarm_id: due.id, due_at: dueAt })
        .onConflict((clash) => clash.doNothing())
        .returning('due_at')
        .execute();
      const { due_at, alarm } = tableRow(next);
      await transaction.updateTable('alarms').set({ due_at, alarm }).where('id', '=', due.id).execute();
      await transaction
        .deleteFrom('alarm_fires')
        .where('alarm_id', '=', due.id)
        .where('due_at', '<', dueAt - takenMs)
        .execute();
      if (taken.length === 0) return 'over';
      if (fire) await storeFire(transaction, this.differences, fire);
      return 'fired';
    });
  }

  private of(namespace: string, trigger: string) {
    return this.database
      .selectFrom('alarms')
      .selectAll()
      .where('namespace', '=', namespace)
      .where('trigger', '=', trigger);
  }
}

/** With the due times that it took. Answers whether there was one. */
async function removeAlarm(
  transaction: Database,
  { namespace, trigger }: Pick<AlarmRow, 'namespace' | 'trigger'>,
): Promise<boolean> {
  const removed = await transaction
    .deleteFrom('alarms')
    .where('namespace', '=', namespace)
    .where('trigger', '=', trigger)
    .returning('id')
    .execute();
  for (const { id } of removed) await transaction.deleteFrom('alarm_fires').where('alarm_id', '=', id).execute();
  return removed.length > 0;
}

function tableRow({ id, namespace, trigger, dueAt, alarm }: AlarmRow): AlarmTable {
  return { id, namespace, trigger, due_at: dueAt ?? null, alarm };
}

function alarmRow({ id, namespace, trigger, due_at, alarm }: AlarmTable): AlarmRow {
  return { id, namespace, trigger, dueAt: due_at === null ? undefined : Number(due_at), alarm };
}
