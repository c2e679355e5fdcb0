// What a namespace may ask for: its own limits inside of the system's. Pure.
//
// Guarantee: a namespace's own limits only ever narrow what the system allows, whatever they say; what it does not say is the system's.
import type { Limits } from '#limits';
import type { NamespaceLimits } from './identity';

/** Least and most, both allowed. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Bounds of the limits of an action, in their units (MB, MB, milliseconds, count, count). */
export interface ActionBounds {
  readonly memory: Range;
  readonly logs: Range;
  readonly timeout: Range;
  readonly concurrency: Range;
  readonly instancesMax: number;
}

type SizeLimits = Pick<Limits, 'parametersBytes' | 'payloadBytes'>;

const within = (value: number | undefined, { min, max }: Range, otherwise: number): number =>
  value === undefined ? otherwise : Math.min(max, Math.max(min, value));

function range(min: number | undefined, max: number | undefined, system: Range): Range {
  return { min: within(min, system, system.min), max: within(max, system, system.max) };
}

/** How many invocations a namespace may have in flight. */
export function concurrentInvocationsOf(
  own: NamespaceLimits,
  limits: Pick<Limits, 'namespaceConcurrentInvocationsCount'>,
): number {
  return own.concurrentInvocations ?? limits.namespaceConcurrentInvocationsCount;
}

export function actionBoundsOf(own: NamespaceLimits, limits: Limits): ActionBounds {
  const concurrent = concurrentInvocationsOf(own, limits);
  const { actionMemoryMinMb, actionMemoryMaxMb, actionTimeoutMinMs, actionTimeoutMaxMs } = limits;
  return {
    memory: range(own.minActionMemory, own.maxActionMemory, { min: actionMemoryMinMb, max: actionMemoryMaxMb }),
    logs: range(own.minActionLogs, own.maxActionLogs, { min: 0, max: limits.actionLogsMaxMb }),
    timeout: range(own.minActionTimeout, own.maxActionTimeout, { min: actionTimeoutMinMs, max: actionTimeoutMaxMs }),
    concurrency: range(own.minActionConcurrency, own.maxActionConcurrency, {
      min: 1,
      max: limits.actionConcurrencyMaxCount,
    }),
    instancesMax: Math.min(own.maxActionInstances ?? concurrent, concurrent),
  };
}

/** Bytes of the parameters, and of the annotations, of one entity. */
export function parametersBytesOf(own: NamespaceLimits, { parametersBytes }: SizeLimits): number {
  return Math.min(own.maxParameterSize ?? parametersBytes, parametersBytes);
}

/** Bytes of what an invocation is given, and of what it answers. */
export function payloadBytesOf({ maxPayloadSize }: NamespaceLimits, { payloadBytes }: SizeLimits): number {
  return maxPayloadSize === undefined || maxPayloadSize > payloadBytes ? payloadBytes : maxPayloadSize;
}

/** Bytes that are kept of an answer that is too large. */
export function truncationBytesOf(own: NamespaceLimits, limits: SizeLimits): number {
  const payloadBytes = payloadBytesOf(own, limits);
  return Math.min(own.truncationSize ?? payloadBytes, payloadBytes);
}

/** Whether activations of the namespace are recorded. */
export function keepsActivations({ storeActivations }: NamespaceLimits): boolean {
  return storeActivations !== false;
}
