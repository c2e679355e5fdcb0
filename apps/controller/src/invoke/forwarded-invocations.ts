// Invocations that another controller forwarded here: run at once in a container that is free, or refused.
//
// Guarantees: each is answered once; 421 means that nothing of it was begun here and nothing will be; what ran is answered after its record
// is in the journal of this controller, which alone keeps it; nothing that arrives here waits in overflow or is forwarded again.
import { actionKey, type EntityName, type ExecutableAction, type Identity, referenceOf } from '#entity';
import type { Seal } from '#seal';
import { acceptedAtOf } from './activation-id';
import type { DataPath } from './data-path';
import { answerText, type ForwardHead, type ForwardRequest, readForward, refusedStatus } from './forward-format';
import { type FinishedActivation, Invocation, type InvocationOwner } from './invocation';
import { templateFor } from './invocation-templates';
import { argumentsText, componentArguments, payloadOf } from './payload';
import type { Recorder } from './recorder';

/** How actions are found, from the cache and from the store. */
export interface ActionLookup {
  peek(caller: string, name: EntityName): ExecutableAction | undefined;
  resolve(caller: string, name: EntityName): Promise<ExecutableAction>;
}

/** Status, and text of the body. */
export type ForwardReply = (status: number, text: string) => void;

export class ForwardedInvocations {
  private underWay = 0;
  private stopped = false;

  constructor(
    private readonly path: DataPath,
    private readonly recorder: Pick<Recorder, 'accepts'>,
    private readonly actions: ActionLookup,
    private readonly seal: Seal,
  ) {}

  /** Running here now. */
  get count(): number {
    return this.underWay;
  }

  /** From now on everything is refused. */
  stop(): void {
    this.stopped = true;
  }

  receive(text: string, reply: ForwardReply): void {
    const request = readForward(text);
    if (request === undefined) return reply(400, 'This is no forwarded invocation.');
    if (request === 'other-version') return reply(refusedStatus, 'Another version of Hearth forwards differently.');
    if (!this.mayRun(request.head)) return reply(refusedStatus, 'No container of that key is free.');
    const caller = request.head.identity.namespace;
    const name = referenceOf(request.head.action);
    const action = this.actions.peek(caller, name);
    if (action) return this.run(action, request, reply);
    this.actions.resolve(caller, name).then(
      (found) => this.run(found, request, reply),
      (error: unknown) => {
        this.path.logger.debug({ err: error }, `activation ${request.head.activationId}: refused (action not read)`);
        reply(refusedStatus, 'The action cannot be read.');
      },
    );
  }

  /** Asked before anything is read from the store, so that a useless request costs nothing. */
  private mayRun({ action, identity }: ForwardHead): boolean {
    if (this.stopped || !this.recorder.accepts) return false;
    const { namespace, packageName, name, revision } = action;
    const fullyQualifiedName =
      packageName === undefined ? `${namespace}/${name}` : `${namespace}/${packageName}/${name}`;
    const key = actionKey({ invocationNamespace: identity.namespace, fullyQualifiedName, revision });
    return this.path.balancer.hasFree(key, this.path.clock.now());
  }

  private run(action: ExecutableAction, { head, payload: text }: ForwardRequest, reply: ForwardReply): void {
    const { path } = this;
    // It may have been told to stop while the action was read.
    if (this.stopped) return reply(refusedStatus, 'This controller stops.');
    if (action.revision !== head.action.revision) return reply(refusedStatus, 'The action has another revision here.');
    let invocation: Invocation;
    try {
      const payload = payloadOf(text, JSON.parse(text) as Record<string, unknown>);
      invocation = new Invocation(
        templateFor(action, this.identity(head)),
        head.activationId,
        head.transactionId,
        payload,
        // What a component is given may define what a caller's payload may not. Sizes were checked where it came from.
        (head.cause === undefined ? undefined : componentArguments(action, payload, Infinity)) ??
          argumentsText(action, payload, Infinity),
        acceptedAtOf(head.activationId),
        path.clock.now() - head.waitedMs,
        head.waitedMs + head.remainingMs,
        this.owner(reply),
        undefined,
        'peer',
        undefined,
        head.cause,
      );
    } catch (error) {
      path.logger.warn({ err: error }, `activation ${head.activationId}: refused (its request cannot be read)`);
      return reply(400, 'The payload or the key of this invocation cannot be read.');
    }
    this.underWay += 1;
    if (path.submit(invocation)) return;
    this.underWay -= 1;
    reply(refusedStatus, 'No container of that key is free.');
  }

  private owner(reply: ForwardReply): InvocationOwner {
    return {
      finished: (activation: FinishedActivation) => {
        this.underWay -= 1;
        reply(200, answerText(activation));
      },
      unrun: () => {
        this.underWay -= 1;
        reply(refusedStatus, 'The container took no run.');
      },
    };
  }

  private identity({ identity, sealedKey }: ForwardHead): Identity {
    return { ...identity, apiKey: sealedKey === undefined ? '' : this.seal.open(sealedKey) };
  }
}
