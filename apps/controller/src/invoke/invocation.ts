// One invocation: a request in flight, from its accept to its record. A plain holder of facts; the load balancer decides, the
// data path acts.
import { RunBodies } from '#action-container';
import { actionKey, type ExecutableAction, type Identity } from '#entity';
import { RecordTemplate } from './activation-record';
import type { Deadline } from './deadlines';
import type { Origin } from './forwarding';
import type { KeyFacts, Waiting } from './load-balancer';
import type { ParsedPayload } from './payload';
import type { Attempts } from './retries';
import type { RunOutcome } from './run-outcome';
import type { UnderWay } from './run-statistics';
import { Settlement } from './settlement';

/** What never changes for one action and caller: composed once, used by every invocation. */
export class InvocationTemplate {
  readonly key: string;
  readonly facts: KeyFacts;
  readonly bodies: RunBodies;
  readonly record: RecordTemplate;

  constructor(
    readonly action: ExecutableAction,
    readonly identity: Identity,
  ) {
    const { fullyQualifiedName, revision, exec, limits } = action;
    this.key = actionKey({ invocationNamespace: identity.namespace, fullyQualifiedName, revision });
    this.facts = {
      kind: exec.kind,
      image: exec.image ?? '',
      memoryMb: limits.memory,
      concurrency: limits.concurrency,
      logLimitMb: limits.logs,
      namespaceConcurrency: identity.limits.concurrentInvocations ?? 0,
    };
    this.bodies = new RunBodies(action, identity);
    this.record = new RecordTemplate(action, identity);
  }
}

/** A finished activation, journaled. */
export interface FinishedActivation {
  readonly activationId: string;
  readonly outcome: RunOutcome;
  /** The record's JSON text. */
  readonly record: string;
}

/** Whose it is. Exactly one of the three is called, once; settlement.ts decides which. */
export interface InvocationOwner {
  /** The record is in the journal. `isAwaited`: nobody has been answered yet. */
  finished(activation: FinishedActivation, isAwaited: boolean): void;
  /** It found no container in time, or may not wait here: it was not run, and nothing is recorded. */
  unrun(invocation: Invocation): void;
  /** It was begun and then lost, and is to be run again. Never for one without attempts. */
  again?(invocation: Invocation, outcome: RunOutcome, runMs: number): void;
}

/** A claim on a row of the durable queue. */
export interface QueueClaim {
  readonly owner: string;
  readonly attempt: number;
}

export class Invocation implements Waiting {
  overflow: 'out' | 'waiting' = 'out';
  deadline: Deadline | undefined = undefined;
  underWay: UnderWay | undefined = undefined;
  forward: 'not' | 'under way' | 'refused' = 'not';
  /** Monotonic time at which /init or /run was begun first. */
  startedAt = 0;
  /** How long its /init took, if it was in the container in which it runs. */
  initMs: number | undefined;
  /** Id of the container that it initialised. */
  initialised: string | undefined;
  readonly settlement: Settlement;

  constructor(
    readonly template: InvocationTemplate,
    readonly activationId: string,
    readonly transactionId: string,
    readonly payload: ParsedPayload,
    /** JSON text of the arguments. */
    readonly value: string,
    /** Wall clock, milliseconds. */
    readonly acceptedAtMs: number,
    /** Monotonic. */
    readonly acceptedAt: number,
    readonly waitLimitMs: number,
    readonly owner: InvocationOwner,
    readonly claim: QueueClaim | undefined,
    readonly origin: Origin = claim ? 'queue' : 'client',
    /** Of one from the durable queue. */
    attempts?: Attempts,
    /** Activation of the sequence or conductor that it is a part of. */
    readonly cause?: string,
  ) {
    this.settlement = new Settlement(origin, attempts);
  }

  get key(): string {
    return this.template.key;
  }

  get facts(): KeyFacts {
    return this.template.facts;
  }
}
