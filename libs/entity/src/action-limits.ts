// `limits` of an action: reading what was given (malformed or not), completing it, and holding it to the system's bounds.
import type { Limits } from '#limits';
import type { ActionLimits } from './action';
import { isObject, type JsonObject } from './json';
import { messages } from './messages';
import { rejections } from './rejections';

type Field = keyof ActionLimits;

const names: Readonly<Record<Field, string>> = {
  timeout: 'time',
  memory: 'memory',
  logs: 'log',
  concurrency: 'concurrency',
  instances: 'instances',
};

function readField(given: JsonObject, field: Field): number | undefined {
  const value = given[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw rejections.malformed(messages.limitMalformed(names[field]));
  if (!Number.isSafeInteger(value)) {
    throw rejections.malformed(messages.requirementFailed(messages.limitNotWhole(names[field])));
  }
  if (value < 0 && (field === 'memory' || field === 'logs')) {
    throw rejections.malformed(messages.requirementFailed(messages.sizeNegative));
  }
  return value;
}

/** The `limits` of a request body: what was given, only. Unknown keys are ignored; null is as good as absent. */
export function readActionLimits(value: unknown): Partial<ActionLimits> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw rejections.malformed(messages.objectExpected);
  const read = (Object.keys(names) as Field[]).map((field) => [field, readField(value, field)] as const);
  return Object.fromEntries(read.filter(([, given]) => given !== undefined));
}

/** Given limits over those of the stored action, or over the system's defaults; in the order in which they are shown. */
export function completeActionLimits(
  given: Partial<ActionLimits>,
  stored: ActionLimits | undefined,
  limits: Limits,
): ActionLimits {
  const instances = given.instances ?? stored?.instances;
  return {
    concurrency: given.concurrency ?? stored?.concurrency ?? 1,
    ...(instances === undefined ? {} : { instances }),
    logs: given.logs ?? stored?.logs ?? limits.actionLogsMaxMb,
    memory: given.memory ?? stored?.memory ?? limits.actionMemoryDefaultMb,
    timeout: given.timeout ?? stored?.timeout ?? limits.actionTimeoutDefaultMs,
  };
}

function checkRange(what: string, value: number | undefined, unit: string, min: number, max: number): void {
  if (value === undefined) return;
  if (value < min) throw rejections.notValid(messages.requirementFailed(messages.belowLimit(what, value, unit, min)));
  if (value > max) throw rejections.notValid(messages.requirementFailed(messages.aboveLimit(what, value, unit, max)));
}

/** Throws the 400 of the first given limit that is out of the system's bounds. */
export function checkActionLimits(given: Partial<ActionLimits>, limits: Limits, concurrentInvocations: number): void {
  checkRange('duration', given.timeout, ' milliseconds', limits.actionTimeoutMinMs, limits.actionTimeoutMaxMs);
  checkRange('memory size', given.memory, ' MB', limits.actionMemoryMinMb, limits.actionMemoryMaxMb);
  checkRange('log size', given.logs, ' MB', 0, limits.actionLogsMaxMb);
  checkRange('concurrency', given.concurrency, '', 1, limits.actionConcurrencyMaxCount);
  const { instances, concurrency = 1 } = given;
  if (instances === undefined) return;
  if (instances > concurrentInvocations) {
    throw rejections.notValid(messages.instancesAboveNamespace(concurrentInvocations));
  }
  if (instances < concurrency) throw rejections.notValid(messages.instancesBelowConcurrency(concurrency));
}
