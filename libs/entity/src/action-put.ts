// PUT of an action: from a request body to the document that is stored.
//
// Guarantee: an update is a merge (what was not given stays), annotations are merged key by key, and parameters of a sequence are its
// components whatever the request says. Pure: what is stored comes in, what is to be stored goes out.
import type { Limits } from '#limits';
import type { ActionLimits, KeyValue, Parameter } from './action';
import type { ActionDocument } from './action-document';
import { checkActionLimits, completeActionLimits, readActionLimits } from './action-limits';
import { withSystemAnnotations } from './annotations';
import { type GivenExec, readExec, sequenceKind } from './exec';
import type { NamespaceLimits } from './identity';
import { isObject } from './json';
import { messages } from './messages';
import { actionBoundsOf, parametersBytesOf } from './namespace-bounds';
import { mergeByKey, readAnnotations, readParameters, sizeOfList } from './parameters';
import { rejections } from './rejections';
import type { RuntimesManifest } from './runtimes-manifest';
import { firstVersion, nextVersion, readVersion } from './version';

export interface ActionPut {
  readonly exec: GivenExec | undefined;
  readonly parameters: readonly Parameter[] | undefined;
  readonly limits: Partial<ActionLimits>;
  readonly version: string | undefined;
  readonly publish: boolean | undefined;
  readonly annotations: readonly KeyValue[] | undefined;
  readonly delAnnotations: readonly string[];
}

export interface PutContext {
  readonly manifest: RuntimesManifest;
  readonly limits: Limits;
  /** The caller's. */
  readonly namespace: string;
  /** The namespace's own. */
  readonly own: NamespaceLimits;
}

/** `publish` of a request body; undefined if it was not given. */
export function readPublish(value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean')
    throw rejections.malformed(`Expected publish as a boolean, but got ${JSON.stringify(value)}`);
  return value;
}

function readNames(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const isNames = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (!isNames) throw rejections.malformed('Expected delAnnotations as a list of strings');
  return value;
}

/** For who has read the query already. */
export const noQuery = (): void => undefined;

/** Throws 413 if parameters or annotations are larger than allowed. */
export function checkListSizes(
  {
    parameters,
    annotations,
  }: { parameters?: readonly Parameter[] | undefined; annotations?: readonly KeyValue[] | undefined },
  bytesMax: number,
): void {
  for (const [part, list] of Object.entries({ parameters, annotations })) {
    const sizeBytes = sizeOfList(list ?? []);
    if (sizeBytes > bytesMax) throw rejections.entityTooLarge(part, sizeBytes, bytesMax);
  }
}

/**
 * Reads and checks a body, in OpenWhisk's order: shape of exec and lists, their sizes, the request's query (`readQuery` throws what is wrong
 * with it), shape of the rest, bounds. Throws a Rejection.
 */
export function readActionPut(body: unknown, context: PutContext, readQuery: () => void = noQuery): ActionPut {
  if (!isObject(body)) throw rejections.malformed(messages.objectExpected);
  const exec = readExec(body.exec, context.manifest, context.namespace);
  const parameters = readParameters(body.parameters);
  const annotations = readAnnotations(body.annotations);
  const codeBytes = Buffer.byteLength(exec?.code ?? '');
  if (codeBytes > context.limits.codeBytes) {
    throw rejections.entityTooLarge('exec', codeBytes, context.limits.codeBytes);
  }
  checkListSizes({ parameters, annotations }, parametersBytesOf(context.own, context.limits));
  readQuery();
  const limits = readActionLimits(body.limits);
  const put: ActionPut = {
    exec,
    parameters,
    limits,
    version: readVersion(body.version),
    publish: readPublish(body.publish),
    annotations,
    delAnnotations: readNames(body.delAnnotations),
  };
  checkActionLimits(limits, actionBoundsOf(context.own, context.limits));
  return put;
}

function composeParameters(put: ActionPut, stored: ActionDocument | undefined): readonly Parameter[] {
  const exec = put.exec?.exec;
  if (exec?.kind === sequenceKind) return [{ key: '_actions', value: exec.components }];
  const wasSequence = stored?.exec.kind === sequenceKind;
  if (exec === undefined && wasSequence) return stored.parameters;
  return put.parameters ?? (wasSequence ? [] : (stored?.parameters ?? []));
}

function composeAnnotations(put: ActionPut, stored: ActionDocument | undefined, kind: string): KeyValue[] {
  const merged = mergeByKey(stored?.annotations ?? [], put.annotations ?? []).filter(
    ({ key }) => !put.delAnnotations.includes(key),
  );
  return withSystemAnnotations(merged, kind, stored === undefined);
}

/** The document to store. Throws the 400 of a new action without exec and of a runtime that is no longer supported. */
export function composeAction(put: ActionPut, stored: ActionDocument | undefined, context: PutContext): ActionDocument {
  const exec = put.exec?.exec ?? stored?.exec;
  if (exec === undefined) throw rejections.notValid(messages.execUndefined);
  if (put.exec?.isDeprecated ?? context.manifest.runtime(exec.kind)?.isDeprecated) {
    throw rejections.notValid(messages.kindDeprecated(exec.kind));
  }
  return {
    version: put.version ?? (stored === undefined ? firstVersion : nextVersion(stored.version)),
    publish: put.publish ?? stored?.publish ?? false,
    exec,
    parameters: composeParameters(put, stored),
    limits: completeActionLimits(
      put.limits,
      stored?.limits,
      context.limits,
      actionBoundsOf(context.own, context.limits),
    ),
    annotations: composeAnnotations(put, stored, exec.kind),
  };
}
