// What a namespace may do: its own limits over the system's.
import type { Identity, JsonObject } from '#entity';
import type { Limits } from '#limits';

export function concurrentInvocationsOf({ limits: own }: Identity, limits: Limits): number {
  return own.concurrentInvocations ?? limits.namespaceConcurrentInvocationsCount;
}

/** The limits document of a namespace; memory and logs in MB, times in ms. */
export function showNamespaceLimits(identity: Identity, limits: Limits): JsonObject {
  const { limits: own } = identity;
  const concurrentInvocations = concurrentInvocationsOf(identity, limits);
  return {
    concurrentInvocations,
    firesPerMinute: own.firesPerMinute ?? limits.namespaceFiresPerMinute,
    invocationsPerMinute: own.invocationsPerMinute ?? limits.namespaceInvocationsPerMinute,
    maxActionConcurrency: limits.actionConcurrencyMaxCount,
    maxActionInstances: concurrentInvocations,
    maxActionLogs: limits.actionLogsMaxMb,
    maxActionMemory: limits.actionMemoryMaxMb,
    maxActionTimeout: limits.actionTimeoutMaxMs,
    maxParameterSize: `${limits.parametersBytes} B`,
    minActionConcurrency: 1,
    minActionLogs: 0,
    minActionMemory: limits.actionMemoryMinMb,
    minActionTimeout: limits.actionTimeoutMinMs,
    ...(own.allowedKinds === undefined ? {} : { allowedKinds: own.allowedKinds }),
    ...(own.storeActivations === undefined ? {} : { storeActivations: own.storeActivations }),
  };
}
