// The package as a document, and how it is shown. A package with a binding is another name for the package that it is bound to, with
// parameters of its own on top.
import type { ActionDocument, StoredAction } from './action-document';
import type { KeyValue, Parameter } from './action';
import { annotation } from './annotations';
import type { JsonObject } from './json';

/** Names a package. */
export interface PackageName {
  readonly namespace: string;
  readonly name: string;
}

export interface PackageDocument {
  readonly version: string;
  /** Shared with everybody. */
  readonly publish: boolean;
  readonly binding?: PackageName;
  readonly parameters: readonly Parameter[];
  readonly annotations: readonly KeyValue[];
}

/** A package as it is stored: where, which revision, what. */
export interface StoredPackage extends PackageName {
  readonly revision: number;
  readonly updated: number;
  readonly document: PackageDocument;
}

/** No package may have this name: it stands for none. */
export const defaultPackage = 'default';

/** `namespace/name` */
export function packagePath({ namespace, name }: PackageName): string {
  return `${namespace}/${name}`;
}

const showBinding = (binding: PackageName | undefined): JsonObject =>
  binding === undefined ? {} : { name: binding.name, namespace: binding.namespace };

/** How a package is shown after a write, without what is in it. */
export function showPackage(
  { namespace, name, updated, document }: StoredPackage,
  parameters: readonly Parameter[] = document.parameters,
): JsonObject {
  return {
    annotations: document.annotations,
    binding: showBinding(document.binding),
    name,
    namespace,
    parameters,
    publish: document.publish,
    updated,
    version: document.version,
  };
}

function showContent({ name, document }: { name: string; document: ActionDocument }): JsonObject {
  return { annotations: document.annotations, name, version: document.version };
}

/** How a package is read: with the merged parameters and, apart from each other, the actions and the feeds that are in it. */
export function showPackageWithContents(
  named: StoredPackage,
  parameters: readonly Parameter[],
  actions: readonly StoredAction[],
): JsonObject {
  const isFeed = ({ document }: StoredAction): boolean => annotation(document.annotations, 'feed') !== undefined;
  return {
    ...showPackage(named, parameters),
    actions: actions.filter((action) => !isFeed(action)).map(showContent),
    feeds: actions.filter(isFeed).map(showContent),
  };
}

/** How a package is shown in lists. */
export function summarizePackage({ namespace, name, updated, document }: StoredPackage): JsonObject {
  return {
    name,
    binding: document.binding === undefined ? false : showBinding(document.binding),
    updated,
    namespace,
    publish: document.publish,
    annotations: document.annotations,
    version: document.version,
  };
}
