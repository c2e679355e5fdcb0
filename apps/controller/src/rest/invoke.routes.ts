// POST /api/v1/namespaces/{ns}/actions/[{package}/]{action}: the invoke route, on the HTTP server itself, before Nest.
//
// Guarantees: answers are those that Nest's routes would give (replies.ts composes both); when caller and action are cached nothing waits and
// nothing is asked before the data path has the invocation; checks run in OpenWhisk's order (compatibility notes, 1.2).
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutableAction, httpStatusOf, type Identity, readBoolean, readWait, rejections } from '#entity';
import type { Clock } from '#clock';
import type { Limits } from '#limits';
import type { Logger } from '#telemetry';
import type { ActionRepository } from '../entities/action-repository';
import type { Authenticator } from '../entities/authenticator';
import { checkKind, invokeTarget } from '../entities/entitlement';
import { newActivationId } from '../invoke/activation-id';
import { BlockingCall } from '../invoke/blocking-call';
import type { DataPath } from '../invoke/data-path';
import { Deadlines } from '../invoke/deadlines';
import { Invocation, type FinishedActivation } from '../invoke/invocation';
import { templateFor } from '../invoke/invocation-templates';
import { argumentsText, type ParsedPayload, payloadOf } from '../invoke/payload';
import type { QueuedInvocations } from '../invoke/queued-invocations';
import type { Recorder } from '../invoke/recorder';
import { acceptsJson } from './accept';
import { type ApiPath, entitySegments, namespaceSegment, parsePath } from './api-path';
import { InvokeAnswer } from './invoke-answer';
import { checkJsonType, jsonPayload } from './json-body';
import { readBody } from './read-body';
import { errorReply, transactionId } from './replies';

const prefix = '/api/v1/namespaces/';
const pattern = /^\/api\/v1\/namespaces\/[^/?]+\/actions\/[^/?]+(?:\/[^/?]+)?(?:\?|$)/;

/** Sequences are stored, and run in a later version: better a clear refusal than an activation that cannot end well. */
const sequencesLater = 'Sequences can be stored but not invoked by this version of Hearth.';

interface Target {
  readonly namespace: string;
  readonly packageName: string | undefined;
  readonly name: string;
}

export class InvokeRoutes {
  private readonly waits = new Deadlines<{ call: BlockingCall; invocation: Invocation }>();
  private inFlight = 0;
  private stopping = false;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly actions: ActionRepository,
    private readonly path: DataPath,
    private readonly recorder: Recorder,
    private readonly queued: QueuedInvocations,
    private readonly limits: Limits,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Requests between accept and answer. */
  get inFlightCount(): number {
    return this.inFlight;
  }

  /** False: the request is not an invocation, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST' || !request.url?.startsWith(prefix) || !pattern.test(request.url)) return false;
    const transaction = transactionId(request.headers);
    this.inFlight += 1;
    response.on('close', () => {
      this.inFlight -= 1;
    });
    let path: ApiPath;
    let identity: Identity | undefined;
    try {
      path = parsePath(request.url);
      identity = this.authenticator.peek(request.headers.authorization);
    } catch (error) {
      this.refuse(response, error, transaction);
      return true;
    }
    if (identity) this.receive(request, response, path, identity, transaction);
    else {
      this.authenticator.authenticate(request.headers.authorization).then(
        (found) => this.receive(request, response, path, found, transaction),
        (error: unknown) => this.refuse(response, error, transaction),
      );
    }
    return true;
  }

  /** Answers the waits that are over. */
  tick(now: number): void {
    for (const { call, invocation } of this.waits.expire(now)) call.elapsed(invocation);
  }

  /** From now on new invocations are refused with 503. */
  stop(): void {
    this.stopping = true;
  }

  private receive(
    request: IncomingMessage,
    response: ServerResponse,
    path: ApiPath,
    identity: Identity,
    transaction: string,
  ): void {
    try {
      const target = invokeTarget(identity, namespaceSegment(path), entitySegments(path));
      const length = Number(request.headers['content-length'] ?? 0);
      if (length > this.limits.payloadBytes) throw rejections.requestTooLarge(length, this.limits.payloadBytes);
      readBody(request, this.limits.payloadBytes, (error, body) => {
        if (error) this.refuse(response, error, transaction);
        else this.resolve(request, response, path, identity, target, body, transaction);
      });
    } catch (error) {
      this.refuse(response, error, transaction);
    }
  }

  private resolve(
    request: IncomingMessage,
    response: ServerResponse,
    path: ApiPath,
    identity: Identity,
    target: Target,
    body: Buffer,
    transaction: string,
  ): void {
    try {
      const { headers } = request;
      const isBlocking = readBoolean(path.query, 'blocking', false);
      const isResult = readBoolean(path.query, 'result', false);
      const waitMs = readWait(path.query, this.limits);
      if (body.length > 0) checkJsonType(headers);
      const payload = payloadOf(body.toString('utf8'), jsonPayload(headers, body));
      if (!acceptsJson(headers)) throw rejections.notAcceptable();
      const go = (action: ExecutableAction): void => {
        if (isBlocking) this.block(response, action, identity, payload, waitMs, isResult, transaction);
        else this.enqueue(response, action, identity, payload, transaction);
      };
      const action = this.actions.peek(target.namespace, target.packageName, target.name);
      if (action) return go(action);
      this.actions
        .resolve(target.namespace, target.packageName, target.name)
        .then(go)
        .catch((error: unknown) => this.refuse(response, error, transaction));
    } catch (error) {
      this.refuse(response, error, transaction);
    }
  }

  /** Everything that must hold before an id exists. Answers the arguments. */
  private admit(action: ExecutableAction, identity: Identity, payload: ParsedPayload): string {
    checkKind(identity, action.exec.kind);
    if (action.exec.kind === 'sequence') throw rejections.notValid(sequencesLater);
    const value = argumentsText(action, payload);
    const isFull = this.inFlight > this.limits.invocationsInFlightCount;
    if (this.stopping || isFull || !this.recorder.accepts) throw rejections.serverUnavailable();
    return value;
  }

  private block(
    response: ServerResponse,
    action: ExecutableAction,
    identity: Identity,
    payload: ParsedPayload,
    waitMs: number,
    isResult: boolean,
    transaction: string,
  ): void {
    try {
      const value = this.admit(action, identity, payload);
      const answer = new InvokeAnswer(response, transaction);
      const call = new BlockingCall(
        this.path,
        this.clock,
        waitMs,
        {
          finished: (activation) => this.answerFinished(answer, activation, isResult),
          accepted: (activationId) => answer.accepted(activationId),
          unavailable: () => this.refuse(response, rejections.serverUnavailable(), transaction),
        },
        () => this.waits.remove(watched, waitMs),
      );
      const acceptedAtMs = this.clock.wallMs();
      const now = this.clock.now();
      const template = templateFor(action, identity);
      const id = newActivationId(acceptedAtMs);
      const limit = this.limits.overflowWaitMs;
      const invocation = new Invocation(
        template,
        id,
        transaction,
        payload,
        value,
        acceptedAtMs,
        now,
        limit,
        call,
        undefined,
      );
      const watched = { call, invocation };
      this.waits.add(watched, waitMs, now);
      if (!this.path.submit(invocation)) {
        this.waits.remove(watched, waitMs);
        throw rejections.serverUnavailable();
      }
      response.once('close', () => {
        if (!response.writableEnded) call.abandoned();
      });
    } catch (error) {
      this.refuse(response, error, transaction);
    }
  }

  private enqueue(
    response: ServerResponse,
    action: ExecutableAction,
    identity: Identity,
    payload: ParsedPayload,
    transaction: string,
  ): void {
    try {
      this.admit(action, identity, payload);
      this.queued.accept(action, identity, transaction, payload).then(
        (activationId) => new InvokeAnswer(response, transaction).accepted(activationId),
        (error: unknown) => this.refuse(response, error, transaction),
      );
    } catch (error) {
      this.refuse(response, error, transaction);
    }
  }

  private answerFinished(
    answer: InvokeAnswer,
    { activationId, outcome, record }: FinishedActivation,
    isResult: boolean,
  ): void {
    const { result, statusCode } = outcome;
    // A list is answered bare even without result=true, as OpenWhisk does.
    const isList = result.trimStart().startsWith('[');
    answer.finished(httpStatusOf(statusCode), activationId, isResult || isList ? result : record);
  }

  private refuse(response: ServerResponse, error: unknown, transaction: string): void {
    if (response.headersSent || response.destroyed) return;
    const { status, headers, body } = errorReply(error, transaction, this.logger);
    response.writeHead(status, { ...headers, 'content-length': body.length });
    response.end(body);
  }
}
