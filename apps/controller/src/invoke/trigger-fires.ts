// Fires of triggers: from a trigger and a payload to a record and the non-blocking invocations of the rules' actions.
//
// Guarantees: what `fire` answered is in the store, record and invocations together, and those are run as if each had been accepted by itself;
// a rule that cannot be followed (inactive, its action gone, not allowed, too often) says so in a log line and keeps no other from being
// followed. Without an active rule nothing is stored.
import type { Clock } from '#clock';
import {
  activationStatus,
  type EntityName,
  type ExecutableAction,
  type Identity,
  firedArguments,
  fireRecord,
  inactiveRule,
  keepsActivations,
  messages,
  nameOfReference,
  payloadBytesOf,
  Rejection,
  rejections,
  ruleLogLine,
  type RuleLink,
  type RuleOutcome,
  type StoredTrigger,
} from '#entity';
import type { Limits } from '#limits';
import type { QueuedInvocation, TriggerFire, TriggerFires as FireStore } from '#store';
import type { Logger } from '#telemetry';
import { newActivationId } from './activation-id';
import { Batches } from './batches';
import { type ParsedPayload, payloadOf } from './payload';

/** What a fire asks of the rest of the controller. */
export interface FireParts {
  /** Throws the 429 of a namespace that fires too often. */
  admit(identity: Identity): Promise<void>;
  /** The action that a name means for a namespace. Throws a Rejection. */
  resolve(caller: string, name: EntityName): Promise<ExecutableAction>;
  /** The queue's row of an invocation that may be accepted; else throws the Rejection of a POST of it. */
  prepare(
    action: ExecutableAction,
    identity: Identity,
    transactionId: string,
    payload: ParsedPayload,
  ): Promise<QueuedInvocation>;
  /** These rows were not stored after all. */
  dropped(rows: readonly QueuedInvocation[]): void;
  /** These rows are stored. */
  stored(rows: readonly QueuedInvocation[]): void;
}

export interface FireRequest {
  readonly identity: Identity;
  readonly trigger: StoredTrigger;
  readonly payload: ParsedPayload;
  /** Of the request that fires; undefined: there is none. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly transactionId: string;
}

export interface PreparedFire extends TriggerFire {
  readonly activationId: string;
}

export class TriggerFires {
  private readonly storing: Batches<TriggerFire>;

  constructor(
    private readonly parts: FireParts,
    store: Pick<FireStore, 'store'>,
    private readonly limits: Pick<Limits, 'payloadBytes' | 'parametersBytes' | 'queueRowsCount' | 'recordBatchCount'>,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.storing = new Batches(limits.recordBatchCount, (fires) => store.store(fires, limits.queueRowsCount));
  }

  /** Throws 429 if this would be too often; asked before anything is looked at. */
  admit(identity: Identity): Promise<void> {
    return this.parts.admit(identity);
  }

  /** Answers the activation id once everything is stored; undefined: no rule is active. Throws 503 when the queue is full. */
  async fire(request: FireRequest): Promise<string | undefined> {
    const fire = await this.prepare(request);
    if (fire === undefined) return undefined;
    let isStored = false;
    try {
      isStored = await this.storing.add(fire);
    } finally {
      this.settle(fire, isStored);
    }
    if (!isStored) throw rejections.serverUnavailable();
    return fire.activationId;
  }

  /** What is to be stored, for whoever stores it with something else and then calls `settle`; undefined: no rule is active. */
  async prepare(request: FireRequest): Promise<PreparedFire | undefined> {
    const { identity, trigger, payload } = request;
    const rules = Object.entries(trigger.document.rules ?? {});
    if (!rules.some(([, { status }]) => status === 'active')) return undefined;
    const start = this.clock.wallMs();
    const activationId = newActivationId(start);
    const invocations: QueuedInvocation[] = [];
    const logs: string[] = [];
    const args = this.arguments(request);
    for (const [rule, link] of rules) {
      const outcome = link.status === 'active' ? await this.follow(request, link, args) : inactiveRule(rule, link);
      const isRow = 'row' in outcome;
      if (isRow) invocations.push(outcome.row);
      logs.push(ruleLogLine(rule, link, isRow ? { activationId: outcome.row.activationId } : outcome));
    }
    const { namespace } = identity;
    const common = { namespace, activationId, acceptedAt: start, start, end: undefined };
    const facts = { activationId, start, payload: payload.text, logs };
    const record = {
      ...common,
      ...fireRecord(trigger, identity, facts),
      name: trigger.name,
      packageName: undefined,
      statusCode: activationStatus.success,
    };
    return { activationId, invocations, record: keepsActivations(identity.limits) ? record : undefined };
  }

  /** To be called once for what was prepared. */
  settle({ invocations }: PreparedFire, isStored: boolean): void {
    if (isStored) this.parts.stored(invocations);
    else this.parts.dropped(invocations);
  }

  private arguments({ trigger, headers, payload }: FireRequest): ParsedPayload {
    const value = firedArguments(trigger.document.parameters, headers, payload.value);
    return payloadOf(JSON.stringify(value), value);
  }

  /** As a POST of the rule's action by whoever fires would be answered. */
  private async follow(
    { identity, transactionId }: FireRequest,
    link: RuleLink,
    args: ParsedPayload,
  ): Promise<RuleOutcome | { readonly row: QueuedInvocation }> {
    try {
      const action = await this.parts.resolve(identity.namespace, nameOfReference(link.action));
      const sizeBytes = Buffer.byteLength(args.text);
      const bytesMax = payloadBytesOf(identity.limits, this.limits);
      if (sizeBytes > bytesMax) throw rejections.requestTooLarge(sizeBytes, bytesMax);
      return { row: await this.parts.prepare(action, identity, transactionId, args) };
    } catch (error) {
      if (error instanceof Rejection) return { status: error.status, error: error.message };
      this.logger.error({ err: error, transactionId }, 'trigger: a rule was not followed (unexpected error)');
      return { status: 500, error: messages.internalError };
    }
  }
}
