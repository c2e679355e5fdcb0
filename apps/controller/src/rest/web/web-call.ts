// One request for a web action, between its head and its answer.
//
// Guarantees: it runs as the owner of the namespace, whoever calls; an action that is not exported is answered exactly as one that is not there;
// when owner, action and caller are cached nothing waits and nothing is asked before the data path has the invocation; checks run in OpenWhisk's
// order: size, action, rights, the whole body, throttles, the caller, arguments.
import {
  activationStatus,
  type ExecutableAction,
  fullyQualifiedName,
  type Identity,
  isTrue,
  payloadBytesOf,
  Rejection,
  rejections,
} from '#entity';
import { checkKind } from '../../entities/entitlement';
import type { CallAnswers, CallUnderWay } from '../../invoke/blocking-call';
import type { FinishedActivation } from '../../invoke/invocation';
import { acceptsJson } from '../accept';
import type { Deadline } from '../../invoke/deadlines';
import type { CallsUnderWay, WaitingCall } from '../calls-under-way';
import type { BodyReader, ExchangeOver } from '../exchange';
import { jsonType, refusalOf, transactionId } from '../replies';
import { isAdmitted } from './web-admission';
import { webArguments } from './web-arguments';
import type { WebExchange } from './web-exchange';
import { corsFields, type Frame, framed, refused, webMethods } from './web-replies';
import { type WebResponse, webResponse } from './web-response';
import type { WebParts } from './web.routes';

const methods = new Set(webMethods.split(', '));
const nothing = Buffer.alloc(0);

export class WebCall implements BodyReader, ExchangeOver, CallAnswers, WaitingCall {
  private readonly transaction: string;
  private owner!: Identity;
  private action!: ExecutableAction;
  private body: Buffer = nothing;
  private cors: readonly string[] = [];
  deadline: Deadline | undefined = undefined;
  private isCharged = false;
  /** The client went away. */
  private isGone = false;
  private underWay: CallUnderWay | undefined;

  constructor(
    private readonly calls: CallsUnderWay,
    private readonly parts: WebParts,
    private readonly exchange: WebExchange,
  ) {
    exchange.over = this;
    this.transaction = transactionId(exchange.head.headers);
  }

  start(): void {
    const { parts } = this;
    const { method, url, headers, target } = this.exchange.head;
    const { payloadBytes, uriBytes } = parts.limits;
    try {
      if (url.length > uriBytes) throw rejections.uriTooLong(uriBytes);
      if (!methods.has(method)) throw rejections.methodNotAllowed(webMethods);
      const length = Number(headers['content-length'] ?? 0);
      if (length > payloadBytes) throw rejections.requestTooLarge(length, payloadBytes);
      const { namespace } = target.action;
      const owner = parts.owners.peek(namespace);
      const action = parts.actions.peek(namespace, target.action);
      if (owner && action) return this.receive(owner, action);
    } catch (error) {
      return this.refuse(error);
    }
    this.find().catch((error: unknown) => this.refuse(error));
  }

  /** Whatever is not there, or not for the web, is the same 404. */
  private async find(): Promise<void> {
    const { action: name } = this.exchange.head.target;
    const { namespace } = name;
    const { absent, actions, owners } = this.parts;
    const key = fullyQualifiedName(name);
    if (absent.has(namespace) || absent.has(key)) throw rejections.notFound();
    const isAbsent = absent.look();
    const owner = await owners.of(namespace);
    if (owner === undefined) {
      isAbsent(namespace);
      throw rejections.notFound();
    }
    const action = await actions.resolve(namespace, name).catch((error: unknown) => {
      if (!(error instanceof Rejection)) throw error;
      isAbsent(key);
      throw rejections.notFound();
    });
    this.receive(owner, action);
  }

  /** The action is known. */
  private receive(owner: Identity, action: ExecutableAction): void {
    const { headers, method } = this.exchange.head;
    try {
      if (!isTrue(action.annotations, 'web-export')) throw rejections.notFound();
      checkKind(owner, action.exec.kind);
      this.owner = owner;
      this.action = action;
      const isOwnOptions = isTrue(action.annotations, 'web-custom-options');
      if (!isOwnOptions) this.cors = corsFields(headers);
      if (!isOwnOptions && method === 'OPTIONS') return this.answer({ status: 200, headers: [], body: nothing });
    } catch (error) {
      return this.refuse(error);
    }
    this.exchange.readBody(payloadBytesOf(owner.limits, this.parts.limits), this);
  }

  /** A client that takes its time, or goes away, has cost its action's owner nothing so far. */
  bodyRead(error: Error | undefined, body: Buffer): void {
    if (error) {
      this.cors = [];
      if (error instanceof Rejection) this.refuse(error);
      return;
    }
    this.body = body;
    const { throttles } = this.parts;
    try {
      const charge = throttles.charge(this.owner);
      if (charge === 'admitted') return this.identify();
      throttles.settle(this.owner, charge).then(
        () => this.identify(),
        (refusal: unknown) => this.refuse(refusal),
      );
    } catch (refusal) {
      this.refuse(refusal);
    }
  }

  /** Its owner may run it once more; who calls? */
  private identify(): void {
    this.isCharged = true;
    const { authenticator } = this.parts;
    try {
      const { authorization } = this.exchange.head.headers;
      if (authorization === undefined) return this.run(undefined);
      const user = authenticator.peek(authorization);
      if (user) return this.run(user);
      authenticator.authenticate(authorization).then(
        (found) => this.run(found),
        // Credentials that are not the platform's are the action's business.
        (error: unknown) => (error instanceof Rejection ? this.run(undefined) : this.refuse(error)),
      );
    } catch (error) {
      this.refuse(error);
    }
  }

  private run(user: Identity | undefined): void {
    const { action, body, calls, owner, parts } = this;
    const { method, headers, target } = this.exchange.head;
    const waitMs = parts.limits.blockingWaitMs;
    if (this.isGone) return this.ended();
    try {
      // An action that answers OPTIONS itself has to be asked before a browser may send credentials.
      const isPreflight = method === 'OPTIONS';
      if (!isPreflight && !isAdmitted(action.annotations, headers, user !== undefined)) {
        throw rejections.authenticationFailed();
      }
      const request = { method, headers, target, user: user?.namespace, body };
      const isRaw = isTrue(action.annotations, 'raw-http');
      const payload = webArguments(request, isRaw, action.immutableParameters);
      if (calls.isFull) throw rejections.serverUnavailable();
      calls.watch(this, waitMs);
      this.underWay = parts.invoker.begin(action, owner, this.transaction, payload, this);
    } catch (error) {
      calls.unwatch(this);
      this.refuse(error);
    }
  }

  // ---- what ends it ----

  /** Nothing of it is in flight any more. */
  ended(): void {
    if (!this.isCharged) return;
    this.isCharged = false;
    this.parts.throttles.release(this.owner.namespace);
  }

  elapsed(): void {
    this.underWay?.elapsed();
  }

  settled(): void {
    this.calls.unwatch(this);
  }

  finished({ activationId, outcome }: FinishedActivation): void {
    const { statusCode, result } = outcome;
    const { target, headers } = this.exchange.head;
    const isError = statusCode === activationStatus.applicationError;
    try {
      if (statusCode !== activationStatus.success && !isError) throw rejections.errorProcessingRequest();
      this.answer(webResponse(target.extension, result, isError, headers), activationId);
    } catch (error) {
      this.refuse(error, activationId);
    }
  }

  accepted(activationId: string): void {
    const isRead = acceptsJson(this.exchange.head.headers);
    this.refuse(isRead ? rejections.responseNotReady() : rejections.notAcceptable(jsonType), activationId);
  }

  refused(error: unknown): void {
    this.refuse(error);
  }

  exchangeOver(isAnswered: boolean): void {
    this.calls.over();
    this.isGone = true;
    if (!isAnswered) this.underWay?.abandoned();
  }

  private frame(activationId: string | undefined): Frame {
    return { transaction: this.transaction, cors: this.cors, activationId };
  }

  private answer(response: WebResponse, activationId?: string): void {
    this.exchange.respond(framed(this.frame(activationId), response));
  }

  private refuse(error: unknown, activationId?: string): void {
    if (activationId === undefined) this.ended();
    const rejection = refusalOf(error, this.transaction, this.parts.logger);
    this.exchange.respond(refused(this.frame(activationId), rejection));
  }
}
