// What a row of the durable queue says of an invocation: enough for any controller to run it, or to record that it could not.
//
// Guarantee: a row that cannot be read or run can still be recorded, under its own id and namespace: `queuedOf` never throws.
import { type ExecutableAction, type Identity } from '#entity';
import type { Seal } from '#seal';
import type { QueuedInvocation } from '#store';
import { payloadOf, type ParsedPayload } from './payload';

/** Stands for the names and limits that nobody can read. */
const unreadableName = 'unreadable';

export interface QueuedFormat {
  readonly transactionId: string;
  readonly payload: string;
  /** As it was at accept: names it, and makes a record possible when it is gone. */
  readonly action: Pick<
    ExecutableAction,
    | 'namespace'
    | 'packageName'
    | 'name'
    | 'fullyQualifiedName'
    | 'binding'
    | 'version'
    | 'exec'
    | 'limits'
    | 'composition'
    | 'retries'
  >;
  readonly identity: Omit<Identity, 'apiKey'>;
  /** Only for actions that get the caller's API key, and for those that run others, which may. */
  readonly sealedKey: string | undefined;
}

export function queuedText(
  action: ExecutableAction,
  identity: Identity,
  transactionId: string,
  payload: string,
  seal: Seal,
): string {
  const { namespace, packageName, name, fullyQualifiedName, binding, version, exec, limits, composition, retries } =
    action;
  const { subject, uuid, limits: own } = identity;
  const queued: QueuedFormat = {
    transactionId,
    payload,
    action: { namespace, packageName, name, fullyQualifiedName, binding, version, exec, limits, composition, retries },
    identity: { subject, namespace: identity.namespace, uuid, limits: own },
    sealedKey: action.providesApiKey || composition !== undefined ? seal.seal(identity.apiKey) : undefined,
  };
  return JSON.stringify(queued);
}

function isQueued(value: unknown): value is QueuedFormat {
  const { payload, transactionId, action, identity } = (value ?? {}) as Partial<QueuedFormat>;
  const texts: unknown[] = [payload, transactionId, action?.name, action?.fullyQualifiedName, action?.version];
  texts.push(action?.exec?.kind, identity?.subject, identity?.namespace);
  return texts.every((text) => typeof text === 'string') && typeof action?.limits?.timeout === 'number';
}

/** What a row says; one whose text nobody can read says no more than whose it is. */
export function queuedOf({ namespace, invocation }: Pick<QueuedInvocation, 'namespace' | 'invocation'>): QueuedFormat {
  const queued = parsed(invocation);
  if (isQueued(queued)) return queued;
  const name = unreadableName;
  const limits = { timeout: 0, memory: 0, logs: 0, concurrency: 1 };
  const named = {
    ...{ namespace, packageName: undefined, name, binding: undefined },
    fullyQualifiedName: `${namespace}/${name}`,
  };
  return {
    transactionId: '',
    payload: '',
    action: { ...named, version: '0.0.0', exec: { kind: name }, limits, composition: undefined, retries: 0 },
    identity: { subject: namespace, namespace, uuid: '', limits: {} },
    sealedKey: undefined,
  };
}

/** Who is recorded as its caller. */
export function recordedIdentity({ identity }: QueuedFormat): Identity {
  // Rows of an older release say nothing of limits.
  const { limits = {} } = identity as Partial<Identity>;
  return { ...identity, apiKey: '', limits };
}

/** What it takes to run it; undefined if its text is unreadable, or its key was sealed under another cluster secret. */
export function runnableOf(
  queued: QueuedFormat,
  seal: Seal,
): { readonly identity: Identity; readonly payload: ParsedPayload } | undefined {
  const payload = parsed(queued.payload);
  const apiKey = queued.sealedKey === undefined ? '' : opened(queued.sealedKey, seal);
  if (typeof payload !== 'object' || payload === null || apiKey === undefined) return undefined;
  const identity = { ...recordedIdentity(queued), apiKey };
  return { identity, payload: payloadOf(queued.payload, payload as Record<string, unknown>) };
}

/** Undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // That it is none is the answer.
    return undefined;
  }
}

function opened(sealedKey: string, seal: Seal): string | undefined {
  try {
    return seal.open(sealedKey);
  } catch {
    // That it cannot be opened is the answer.
    return undefined;
  }
}

/** Stands for an action that is gone, so that its activation can be recorded. */
export function placeholderAction({ action }: QueuedFormat): ExecutableAction {
  return {
    ...action,
    composition: action.composition,
    revision: 0,
    parameters: [],
    initEnvironment: {},
    immutableParameters: new Set(),
    annotations: [],
    providesApiKey: false,
  };
}
