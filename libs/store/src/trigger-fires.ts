// The seam of trigger fires, and of alarms, which are fires that time asks for.
//
// Guarantees that every implementation gives (trigger-fires.conformance.ts holds them to it):
// - a fire is stored whole or not at all: its record, the invocations that it leads to, and, if an alarm was due, that this due time is over;
// - each due time of an alarm is fired at most once, whoever tries how often.
import type { ActivationRow } from './activation-store';
import type { QueuedInvocation } from './invocation-queue';

export interface TriggerFire {
  /** undefined: the namespace keeps no records. */
  readonly record: ActivationRow | undefined;
  readonly invocations: readonly QueuedInvocation[];
}

export interface TriggerFires {
  /** Answers for each whether it was stored: false when the queue would hold more than `capacity` rows that have not started. */
  store(fires: readonly TriggerFire[], capacity: number): Promise<boolean[]>;
}

/** A trigger that is fired by time. */
export interface AlarmRow {
  /** Of this alarm and no other, even of the same trigger. */
  readonly id: string;
  readonly namespace: string;
  /** The trigger's name. */
  readonly trigger: string;
  /** Wall-clock milliseconds; undefined: never again. */
  readonly dueAt: number | undefined;
  /** What the controller needs, as JSON text. Opaque to the store. */
  readonly alarm: string;
}

export interface Alarms {
  /** Makes this the alarm of its trigger, instead of what was. */
  put(row: AlarmRow): Promise<void>;
  get(namespace: string, trigger: string): Promise<AlarmRow | undefined>;
  /** Answers whether there was one. */
  remove(namespace: string, trigger: string): Promise<boolean>;
  /** How many alarms a namespace has. */
  count(namespace: string): Promise<number>;
  /** Those that are due by `now` (wall-clock milliseconds), longest due first. */
  due(now: number, limit: number): Promise<AlarmRow[]>;
  /** When the next is due; undefined: none is. */
  nextDueAt(): Promise<number | undefined>;
  /**
   * Takes a due time: the alarm as it is to be afterwards, and the fire that goes with it (undefined: it is let pass). Answers `over` when
   * this due time was taken before or the alarm is another by now, `full` when the queue has no room, so that it is tried again.
   */
  fire(
    due: AlarmRow,
    next: AlarmRow,
    fire: TriggerFire | undefined,
    capacity: number,
  ): Promise<'fired' | 'over' | 'full'>;
}
