// What a row of the durable queue says of an invocation: enough for any controller to run it, or to record that it could not.
import { type ExecutableAction, type Identity } from '#entity';
import type { Seal } from './sealed';

export interface QueuedFormat {
  readonly transactionId: string;
  readonly payload: string;
  /** As it was at accept: names it, and makes a record possible when it is gone. */
  readonly action: Pick<
    ExecutableAction,
    'namespace' | 'packageName' | 'name' | 'fullyQualifiedName' | 'version' | 'exec' | 'limits' | 'retries'
  >;
  readonly identity: { readonly subject: string; readonly namespace: string; readonly uuid: string };
  /** Only for actions that get the caller's API key. */
  readonly sealedKey: string | undefined;
}

export function queuedText(
  action: ExecutableAction,
  identity: Identity,
  transactionId: string,
  payload: string,
  seal: Seal,
): string {
  const { namespace, packageName, name, fullyQualifiedName, version, exec, limits, retries } = action;
  const { subject, uuid } = identity;
  const queued: QueuedFormat = {
    transactionId,
    payload,
    action: { namespace, packageName, name, fullyQualifiedName, version, exec, limits, retries },
    identity: { subject, namespace: identity.namespace, uuid },
    sealedKey: action.providesApiKey ? seal.seal(identity.apiKey) : undefined,
  };
  return JSON.stringify(queued);
}

export function queuedIdentity(queued: QueuedFormat, seal: Seal): Identity {
  return { ...queued.identity, apiKey: queued.sealedKey === undefined ? '' : seal.open(queued.sealedKey), limits: {} };
}

/** Stands for an action that is gone, so that its activation can be recorded. */
export function placeholderAction({ action }: QueuedFormat): ExecutableAction {
  return {
    ...action,
    revision: 0,
    parameters: [],
    initEnvironment: {},
    immutableParameters: new Set(),
    annotations: [],
    providesApiKey: false,
  };
}
