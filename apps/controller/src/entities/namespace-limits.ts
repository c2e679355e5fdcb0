// What a namespace may do: its own limits inside of the system's.
import {
  actionBoundsOf,
  concurrentInvocationsOf,
  type Identity,
  type JsonObject,
  parametersBytesOf,
  payloadBytesOf,
  truncationBytesOf,
} from '#entity';
import type { Limits } from '#limits';

const bytes = (size: number): string => `${size} B`;

/** The limits document of a namespace; memory and logs in MB, times in ms. */
export function showNamespaceLimits({ limits: own }: Identity, limits: Limits): JsonObject {
  const { memory, logs, timeout, concurrency, instancesMax } = actionBoundsOf(own, limits);
  return {
    concurrentInvocations: concurrentInvocationsOf(own, limits),
    firesPerMinute: own.firesPerMinute ?? limits.namespaceFiresPerMinute,
    invocationsPerMinute: own.invocationsPerMinute ?? limits.namespaceInvocationsPerMinute,
    maxActionConcurrency: concurrency.max,
    maxActionInstances: instancesMax,
    maxActionLogs: logs.max,
    maxActionMemory: memory.max,
    maxActionTimeout: timeout.max,
    maxParameterSize: bytes(parametersBytesOf(own, limits)),
    minActionConcurrency: concurrency.min,
    minActionLogs: logs.min,
    minActionMemory: memory.min,
    minActionTimeout: timeout.min,
    ...(own.maxPayloadSize === undefined ? {} : { maxPayloadSize: bytes(payloadBytesOf(own, limits)) }),
    ...(own.truncationSize === undefined ? {} : { truncationSize: bytes(truncationBytesOf(own, limits)) }),
    ...(own.allowedKinds === undefined ? {} : { allowedKinds: own.allowedKinds }),
    ...(own.storeActivations === undefined ? {} : { storeActivations: own.storeActivations }),
  };
}
