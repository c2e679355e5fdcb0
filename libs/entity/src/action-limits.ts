// `limits` of an action: reading what was given (malformed or not), completing it, and holding it to the bounds of its namespace.
import type { Limits } from '#limits';
import type { ActionLimits } from './action';
import { isObject, type JsonObject } from './json';
import { messages } from './messages';
import type { ActionBounds, Range } from './namespace-bounds';
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

const inside = (value: number, { min, max }: Range): number => Math.min(max, Math.max(min, value));

/** Given limits over those of the stored action, or over the system's defaults, inside of the bounds; in the order in which they are shown. */
export function completeActionLimits(
  given: Partial<ActionLimits>,
  stored: ActionLimits | undefined,
  limits: Limits,
  bounds: ActionBounds,
): ActionLimits {
  const instances = given.instances ?? stored?.instances;
  return {
    concurrency: given.concurrency ?? stored?.concurrency ?? inside(1, bounds.concurrency),
    ...(instances === undefined ? {} : { instances }),
    logs: given.logs ?? stored?.logs ?? bounds.logs.max,
    memory: given.memory ?? stored?.memory ?? inside(limits.actionMemoryDefaultMb, bounds.memory),
    timeout: given.timeout ?? stored?.timeout ?? inside(limits.actionTimeoutDefaultMs, bounds.timeout),
  };
}

function checkRange(what: string, value: number | undefined, unit: string, { min, max }: Range): void {
  if (value === undefined) return;
  if (value < min) throw rejections.notValid(messages.requirementFailed(messages.belowLimit(what, value, unit, min)));
  if (value > max) throw rejections.notValid(messages.requirementFailed(messages.aboveLimit(what, value, unit, max)));
}

/** Throws the 400 of the first given limit that is out of bounds. */
export function checkActionLimits(given: Partial<ActionLimits>, bounds: ActionBounds): void {
  checkRange('duration', given.timeout, ' milliseconds', bounds.timeout);
  checkRange('memory size', given.memory, ' MB', bounds.memory);
  checkRange('log size', given.logs, ' MB', bounds.logs);
  checkRange('concurrency', given.concurrency, '', bounds.concurrency);
  const { instances, concurrency = 1 } = given;
  if (instances === undefined) return;
  if (instances > bounds.instancesMax) throw rejections.notValid(messages.instancesAboveNamespace(bounds.instancesMax));
  if (instances < concurrency) throw rejections.notValid(messages.instancesBelowConcurrency(concurrency));
}
