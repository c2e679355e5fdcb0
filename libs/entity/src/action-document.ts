// The action as a document: what is stored, and what the data path needs of it.
//
// Guarantee: a document never holds code; it lives apart, so that listing and caching never load it.
import type { ActionLimits, ExecutableAction, Exec, KeyValue, Parameter } from './action';
import { isTrue, isTruthy, retriesOf } from './annotations';
import { sequenceKind, showExec } from './exec';
import type { JsonObject } from './json';
import { type EntityName, entityPath, fullyQualifiedName } from './names';
import { initEnvironment, mergeByKey } from './parameters';

export interface ActionDocument {
  readonly version: string;
  readonly publish: boolean;
  readonly exec: Exec;
  readonly parameters: readonly Parameter[];
  readonly limits: ActionLimits;
  readonly annotations: readonly KeyValue[];
}

/** An action as it is stored: where, which revision, what. */
export interface StoredAction extends EntityName {
  readonly revision: number;
  readonly updated: number;
  readonly document: ActionDocument;
}

/** A value that `final` protects: null is as good as not defined. */
const isDefined = ({ value }: Parameter): boolean => value !== null;

/** What a warm invocation needs, with the package's parameters (already merged with those of a binding) under the action's own. */
export function executableAction(
  action: StoredAction,
  packageParameters: readonly Parameter[] = [],
  binding?: string,
): ExecutableAction {
  const { namespace, packageName, name, revision, document } = action;
  const merged = mergeByKey(packageParameters, document.parameters);
  return {
    namespace,
    packageName,
    name,
    fullyQualifiedName: fullyQualifiedName(action),
    binding,
    version: document.version,
    revision,
    exec: document.exec,
    parameters: merged.filter(({ init }) => !init),
    initEnvironment: initEnvironment(merged),
    immutableParameters: isTrue(document.annotations, 'final')
      ? new Set(merged.filter(isDefined).map(({ key }) => key))
      : new Set(),
    limits: document.limits,
    annotations: document.annotations,
    providesApiKey: isTruthy(document.annotations, 'provide-api-key', true),
    composition: compositionOf(document),
    retries: retriesOf(document.annotations),
  };
}

/** The name by which it was found, and by which it is found again with the same parameters. */
export function referenceOf(action: {
  readonly namespace: string;
  readonly packageName?: string | undefined;
  readonly name: string;
  readonly binding?: string | undefined;
}): EntityName {
  const { namespace, packageName, name, binding } = action;
  if (binding === undefined) return { namespace, packageName, name };
  const [bindingNamespace = '', bindingName] = binding.split('/');
  return { namespace: bindingNamespace, packageName: bindingName, name };
}

/** The annotation has no effect on a sequence. */
function compositionOf({ exec, annotations }: ActionDocument): ExecutableAction['composition'] {
  if (exec.kind === sequenceKind) return 'sequence';
  return isTruthy(annotations, 'conductor', false) ? 'conductor' : undefined;
}

/** How an action is shown. `code` is left out if it is undefined or null. */
export function showAction(
  action: StoredAction,
  code: string | null | undefined,
  parameters: readonly Parameter[] = action.document.parameters,
): JsonObject {
  const { document } = action;
  return {
    annotations: document.annotations,
    exec: showExec(document.exec, code),
    limits: document.limits,
    name: action.name,
    namespace: entityPath(action),
    parameters,
    publish: document.publish,
    updated: action.updated,
    version: document.version,
  };
}

/** How an action is shown in lists: only whether its code is binary, and the rest by its annotations. */
export function summarizeAction(action: StoredAction): JsonObject {
  const { document } = action;
  return {
    name: action.name,
    updated: action.updated,
    exec: { binary: document.exec.binary ?? false },
    limits: document.limits,
    namespace: entityPath(action),
    publish: document.publish,
    annotations: document.annotations,
    version: document.version,
  };
}
