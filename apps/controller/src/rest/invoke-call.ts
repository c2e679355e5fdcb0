// One request for an invocation, between its head and its answer.
//
// Guarantees: answers are those that Nest's routes would give (replies.ts composes both); when caller and action are cached nothing waits and
// nothing is asked before the data path has the invocation; checks run in OpenWhisk's order (compatibility notes, 1.2).
import {
  type EntityName,
  type ExecutableAction,
  httpStatusOf,
  type Identity,
  payloadBytesOf,
  Rejection,
  rejections,
} from '#entity';
import { checkKind, invokeTarget } from '../entities/entitlement';
import type { CallAnswers, CallUnderWay } from '../invoke/blocking-call';
import type { FinishedActivation } from '../invoke/invocation';
import { type ParsedPayload, payloadOf } from '../invoke/payload';
import { entitySegments, namespaceSegment } from './api-path';
import type { Deadline } from '../invoke/deadlines';
import type { CallsUnderWay } from './calls-under-way';
import type { BodyReader, Exchange, ExchangeOver } from './exchange';
import type { InvokeOptions } from './invoke-head';
import type { InvokeParts } from './invoke.routes';
import { jsonPayload } from './json-body';
import { errorReply, transactionId } from './replies';

export class InvokeCall implements BodyReader, ExchangeOver, CallAnswers {
  private readonly transaction: string;
  private identity!: Identity;
  private options!: InvokeOptions;
  deadline: Deadline | undefined = undefined;
  private payload!: ParsedPayload;
  private isCharged = false;
  private underWay: CallUnderWay | undefined;

  constructor(
    private readonly calls: CallsUnderWay,
    private readonly parts: InvokeParts,
    private readonly exchange: Exchange,
  ) {
    exchange.over = this;
    this.transaction = transactionId(exchange.head.headers);
  }

  start(): void {
    const { authenticator } = this.parts;
    const { authorization } = this.exchange.head.headers;
    try {
      void this.exchange.head.path;
      const identity = authenticator.peek(authorization);
      if (identity) return this.receive(identity);
    } catch (error) {
      return this.refuse(error);
    }
    authenticator.authenticate(authorization).then(
      (identity) => this.receive(identity),
      (error: unknown) => this.refuse(error),
    );
  }

  /** What cannot be a name costs nothing; what is not the caller's does (compatibility notes, 5.4). */
  private receive(identity: Identity): void {
    this.identity = identity;
    const { head } = this.exchange;
    const { throttles } = this.parts;
    let target: EntityName | Rejection;
    try {
      target = invokeTarget(identity, namespaceSegment(head.path), entitySegments(head.path));
    } catch (error) {
      if (!(error instanceof Rejection) || error.status !== 403) return this.refuse(error);
      target = error;
    }
    const charge = throttles.charge(identity);
    if (charge === 'admitted') return this.admitted(target);
    throttles.settle(identity, charge).then(
      () => this.admitted(target),
      (error: unknown) => this.refuse(error),
    );
  }

  /** It is charged. */
  private admitted(target: EntityName | Rejection): void {
    this.isCharged = true;
    if (target instanceof Rejection) return this.refuse(target);
    const { actions } = this.parts;
    const { namespace } = this.identity;
    if (target.packageName === undefined || actions.peek(namespace, target)) return this.readBody();
    actions.locate(namespace, target).then(
      () => this.readBody(),
      (error: unknown) => this.refuse(error),
    );
  }

  /** Rights come before size, size before content. */
  private readBody(): void {
    const { head } = this.exchange;
    const payloadBytes = payloadBytesOf(this.identity.limits, this.parts.limits);
    try {
      const length = Number(head.headers['content-length'] ?? 0);
      if (length > payloadBytes) throw rejections.requestTooLarge(length, payloadBytes);
    } catch (error) {
      return this.refuse(error);
    }
    this.exchange.readBody(payloadBytes, this);
  }

  bodyRead(error: Error | undefined, body: Buffer): void {
    if (error) {
      if (error instanceof Rejection) return this.refuse(error);
      // The client is gone: nobody reads an answer, and nothing is wrong here.
      return this.ended();
    }
    const { head } = this.exchange;
    const { actions, limits } = this.parts;
    try {
      this.options = head.options(limits);
      if (body.length > 0) head.checkJsonType();
      const text = body.toString('utf8');
      this.payload = payloadOf(text, jsonPayload(text));
      head.checkAccept();
      const { namespace: caller } = this.identity;
      const target = invokeTarget(this.identity, namespaceSegment(head.path), entitySegments(head.path));
      const action = actions.peek(caller, target);
      if (action) return this.invoke(action);
      actions.resolve(caller, target).then(
        (found) => this.invoke(found),
        (failure: unknown) => this.refuse(failure),
      );
    } catch (failure) {
      this.refuse(failure);
    }
  }

  private invoke(action: ExecutableAction): void {
    try {
      checkKind(this.identity, action.exec.kind);
      if (this.calls.isFull) throw rejections.serverUnavailable();
      if (this.options.isBlocking) this.block(action);
      else this.enqueue(action);
    } catch (error) {
      this.refuse(error);
    }
  }

  private block(action: ExecutableAction): void {
    const { waitMs } = this.options;
    this.calls.watch(this, waitMs);
    try {
      this.underWay = this.parts.invoker.begin(action, this.identity, this.transaction, this.payload, this);
    } catch (error) {
      this.calls.unwatch(this);
      throw error;
    }
  }

  private enqueue(action: ExecutableAction): void {
    this.parts.invoker.accept(action, this.identity, this.transaction, this.payload).then(
      (activationId) => this.queued(activationId),
      (error: unknown) => this.refused(error),
    );
  }

  /** The queue keeps the charge until its end. */
  private queued(activationId: string): void {
    this.isCharged = false;
    this.accepted(activationId);
  }

  // ---- what ends it ----

  /** Nothing of it is in flight any more. */
  ended(): void {
    if (!this.isCharged) return;
    this.isCharged = false;
    this.parts.throttles.release(this.identity.namespace);
  }

  /** The client's wait is over. */
  elapsed(): void {
    this.underWay?.elapsed();
  }

  settled(): void {
    this.calls.unwatch(this);
  }

  finished({ activationId, outcome, record }: FinishedActivation): void {
    const { result, statusCode } = outcome;
    // A list is answered bare even without result=true, as OpenWhisk does.
    const isBare = this.options.isResult || result.trimStart().startsWith('[');
    this.exchange.activation(httpStatusOf(statusCode), this.transaction, activationId, isBare ? result : record);
  }

  accepted(activationId: string): void {
    this.exchange.activation(202, this.transaction, activationId, `{"activationId":"${activationId}"}`);
  }

  refused(error: unknown): void {
    this.refuse(error);
  }

  exchangeOver(isAnswered: boolean): void {
    this.calls.over();
    if (!isAnswered) this.underWay?.abandoned();
  }

  private refuse(error: unknown): void {
    this.ended();
    const { status, headers, body } = errorReply(error, this.transaction, this.parts.logger);
    this.exchange.reply(status, headers, body);
  }
}
