// Who calls: the subject and namespace behind a credential. One credential belongs to exactly one namespace.

/** Limits of a namespace that differ from the system's; absent means the system's default. */
export interface NamespaceLimits {
  readonly invocationsPerMinute?: number;
  readonly concurrentInvocations?: number;
  readonly firesPerMinute?: number;
  readonly allowedKinds?: readonly string[];
  readonly storeActivations?: boolean;
  /** MB. */
  readonly minActionMemory?: number;
  readonly maxActionMemory?: number;
  /** MB. */
  readonly minActionLogs?: number;
  readonly maxActionLogs?: number;
  /** Milliseconds. */
  readonly minActionTimeout?: number;
  readonly maxActionTimeout?: number;
  readonly minActionConcurrency?: number;
  readonly maxActionConcurrency?: number;
  readonly maxActionInstances?: number;
  /** Bytes: of parameters, of payloads and results, of what is kept of a result that is too large. */
  readonly maxParameterSize?: number;
  readonly maxPayloadSize?: number;
  readonly truncationSize?: number;
}

export interface Identity {
  readonly subject: string;
  readonly namespace: string;
  /** First half of the credential. */
  readonly uuid: string;
  /** `uuid:key` as the action gets it in __OW_API_KEY when it asks for it. */
  readonly apiKey: string;
  readonly limits: NamespaceLimits;
}
