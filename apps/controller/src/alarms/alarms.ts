// Alarms as their feeds ask for them: made, read, changed, paused and removed with the life of a trigger.
//
// Guarantee: an alarm belongs to a trigger that is there, and to its owner; each making of it is another alarm, so that nothing of an old one fires.
import { randomUUID } from 'node:crypto';
import type { Clock } from '#clock';
import { checkName, type Identity, isObject, type JsonObject, messages, rejections } from '#entity';
import type { Limits } from '#limits';
import type { AlarmRow, Alarms as AlarmStore } from '#store';
import type { Triggers } from '../entities/triggers';
import { type AlarmPlan, BadAlarm, dueAfter, readAlarmPlan } from './alarm-plan';

export class Alarms {
  constructor(
    private readonly store: AlarmStore,
    private readonly triggers: Triggers,
    private readonly limits: Pick<Limits, 'alarmsPerNamespaceCount'>,
    private readonly clock: Pick<Clock, 'wallMs'>,
  ) {}

  /** What happens in the life of a trigger with a feed (compatibility notes, 7.3). */
  async lifecycle({ namespace }: Identity, name: string, body: unknown): Promise<JsonObject> {
    if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
    const trigger = { namespace, packageName: undefined, name: checkName(name) };
    switch (body.lifecycleEvent) {
      case 'CREATE':
      case 'UPDATE':
        await this.triggers.stored(trigger);
        return this.put(namespace, name, body);
      case 'READ':
        return show(await this.row(namespace, name));
      case 'PAUSE':
      case 'UNPAUSE':
        return this.pause(await this.row(namespace, name), body.lifecycleEvent === 'PAUSE');
      case 'DELETE':
        await this.store.remove(namespace, name);
        return {};
      default:
        throw rejections.notValid(`lifecycleEvent has to be CREATE, READ, UPDATE, PAUSE, UNPAUSE or DELETE.`);
    }
  }

  private async put(namespace: string, trigger: string, { feed, parameters }: JsonObject): Promise<JsonObject> {
    const now = this.clock.wallMs();
    const known = await this.store.get(namespace, trigger);
    const { alarmsPerNamespaceCount: most } = this.limits;
    if (known === undefined && (await this.store.count(namespace)) >= most)
      throw rejections.notValid(`A namespace may have ${most} alarms; remove one first.`);
    const plan = readPlan(String(feed), isObject(parameters) ? parameters : {}, now);
    return this.write(namespace, trigger, plan, now);
  }

  private pause({ namespace, trigger, alarm }: AlarmRow, isPaused: boolean): Promise<JsonObject> {
    return this.write(namespace, trigger, { ...planOf(alarm), isPaused }, this.clock.wallMs());
  }

  private async write(namespace: string, trigger: string, plan: AlarmPlan, now: number): Promise<JsonObject> {
    const alarm = JSON.stringify(plan);
    const row: AlarmRow = { id: randomUUID(), namespace, trigger, dueAt: dueAfter(plan, now), alarm };
    await this.store.put(row);
    return show(row);
  }

  private async row(namespace: string, trigger: string): Promise<AlarmRow> {
    const row = await this.store.get(namespace, trigger);
    if (row === undefined) throw rejections.notFound();
    return row;
  }
}

export function planOf(alarm: string): AlarmPlan {
  return JSON.parse(alarm) as AlarmPlan;
}

function readPlan(feed: string, parameters: JsonObject, now: number): AlarmPlan {
  try {
    return readAlarmPlan(feed, parameters, now);
  } catch (error) {
    throw error instanceof BadAlarm ? rejections.notValid(error.message) : error;
  }
}

function show({ dueAt, alarm }: AlarmRow): JsonObject {
  const { isPaused, ...config } = planOf(alarm);
  const next = dueAt === undefined ? {} : { next: new Date(dueAt).toISOString() };
  return { config, status: { active: dueAt !== undefined, paused: isPaused, ...next } };
}
