// When an alarm is due: what the feeds `alarm`, `once` and `interval` of /whisk.system/alarms were asked for, and what follows from it. Pure.
//
// Guarantees: due times of one plan only grow; what was read has at least one; a plan that has fired `maxTriggers` times has none. Due times that
// were missed (nobody ran) count as one: after a fire the next due time lies after that fire. Times are wall-clock milliseconds.
import { Cron } from 'croner';

/** What a trigger that is fired once leaves: all that there was, its rules, or nothing. */
export type DeleteAfterFire = 'false' | 'true' | 'rules';

type Times =
  | { readonly kind: 'alarm'; readonly cron: string; readonly timezone?: string }
  | { readonly kind: 'once'; readonly date: number; readonly deleteAfterFire?: DeleteAfterFire }
  | { readonly kind: 'interval'; readonly everyMs: number; readonly start: number };

export type AlarmPlan = Times & {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly startDate?: number;
  readonly stopDate?: number;
  readonly maxTriggers?: number;
  /** How often it has fired. */
  readonly fired: number;
  readonly isPaused: boolean;
};

/** What is wrong with the parameters of a feed, as a sentence for whoever gave them. */
export class BadAlarm extends Error {}

type Parameters = Readonly<Record<string, unknown>>;

const minuteMs = 60_000;

/** ISO text or milliseconds. */
function readDate(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || value === '') return undefined;
  const date = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(date)) throw new BadAlarm(`${name} has to be a date, and is ${JSON.stringify(value)}.`);
  return date;
}

function readCount(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name];
  if (value === undefined || value === null || value === '' || Number(value) === -1) return undefined;
  if (!Number.isSafeInteger(Number(value)) || Number(value) < 1)
    throw new BadAlarm(`${name} has to be a whole number of at least 1, and is ${JSON.stringify(value)}.`);
  return Number(value);
}

function readDeleteAfterFire({ deleteAfterFire: given }: Parameters): DeleteAfterFire | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  const value = (typeof given === 'string' ? given : JSON.stringify(given)).trim().toLowerCase();
  if (value === 'false' || value === 'true' || value === 'rules') return value;
  throw new BadAlarm('deleteAfterFire has to be false, true or rules.');
}

function readPayload({ trigger_payload: given }: Parameters): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null || given === '') return {};
  let value: unknown = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch {
      return { payload: given };
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : { payload: value };
}

function readTimes(feed: string, parameters: Parameters, now: number): Times {
  if (feed === 'once') {
    const date = readDate(parameters, 'date');
    if (date === undefined) throw new BadAlarm('date is missing: when the trigger is to be fired.');
    if (date <= now) throw new BadAlarm('date has to lie in the future.');
    const deleteAfterFire = readDeleteAfterFire(parameters);
    return { kind: feed, date, ...(deleteAfterFire === undefined ? {} : { deleteAfterFire }) };
  }
  if (feed === 'interval') {
    const minutes = readCount(parameters, 'minutes');
    if (minutes === undefined) throw new BadAlarm('minutes is missing: how many lie between two fires.');
    return {
      kind: feed,
      everyMs: minutes * minuteMs,
      start: readDate(parameters, 'startDate') ?? now + minutes * minuteMs,
    };
  }
  if (feed !== 'alarm') throw new BadAlarm(`${feed} is no feed of alarms: there are alarm, once and interval.`);
  const { cron, timezone } = parameters;
  if (typeof cron !== 'string') throw new BadAlarm('cron is missing: five fields, or six with seconds first.');
  if (timezone !== undefined && typeof timezone !== 'string') throw new BadAlarm('timezone has to be a name.');
  return { kind: feed, cron, ...(timezone === undefined ? {} : { timezone }) };
}

/** Reads what a feed was asked for at `now`. Throws BadAlarm. */
export function readAlarmPlan(feed: string, parameters: Parameters, now: number): AlarmPlan {
  const [startDate, stopDate] = [readDate(parameters, 'startDate'), readDate(parameters, 'stopDate')];
  const maxTriggers = readCount(parameters, 'maxTriggers');
  const plan: AlarmPlan = {
    ...readTimes(feed, parameters, now),
    payload: readPayload(parameters),
    ...(startDate === undefined ? {} : { startDate }),
    ...(stopDate === undefined ? {} : { stopDate }),
    ...(maxTriggers === undefined ? {} : { maxTriggers }),
    fired: 0,
    isPaused: false,
  };
  if (dueAfter(plan, now) === undefined) throw new BadAlarm('the trigger would never be fired: no due time is left.');
  return plan;
}

function timeAfter(plan: AlarmPlan, after: number): number | undefined {
  if (plan.kind === 'once') return plan.date > after ? plan.date : undefined;
  if (plan.kind === 'interval') {
    const periods = Math.max(0, Math.floor((after - plan.start) / plan.everyMs) + 1);
    return plan.start + periods * plan.everyMs;
  }
  try {
    const cron = new Cron(plan.cron, { ...(plan.timezone === undefined ? {} : { timezone: plan.timezone }) });
    return cron.nextRun(new Date(Math.max(after, (plan.startDate ?? 0) - 1)))?.getTime();
  } catch (error) {
    throw new BadAlarm(`cron or timezone cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What is to be deleted now: the trigger (`true`), or its rules with it. undefined: nothing. */
export function endOf(plan: AlarmPlan): Exclude<DeleteAfterFire, 'false'> | undefined {
  if (plan.kind !== 'once' || plan.fired === 0 || plan.isPaused) return undefined;
  return plan.deleteAfterFire === 'false' ? undefined : plan.deleteAfterFire;
}

/** The first due time after `after`; undefined: there is none any more. One that has to end its trigger is due until that is done. */
export function dueAfter(plan: AlarmPlan, after: number): number | undefined {
  if (endOf(plan) !== undefined) return after;
  if (plan.isPaused || (plan.maxTriggers !== undefined && plan.fired >= plan.maxTriggers)) return undefined;
  const due = timeAfter(plan, after);
  return due === undefined || (plan.stopDate !== undefined && due > plan.stopDate) ? undefined : due;
}

/** The plan after it has fired once more. */
export function afterFire(plan: AlarmPlan): AlarmPlan {
  return { ...plan, fired: plan.fired + 1 };
}
