// What a caller may touch. Everything in the own namespace; in others only what is in shared packages, which package-reader.ts decides.
//
// Guarantee: checks run in OpenWhisk's order, syntax (400) before rights (403), and a refusal names the resource as OpenWhisk does
// (compatibility notes, A16): the namespace for collections; `ns/name` in the default package; `ns/package` when reading or invoking
// inside a package; the full name when writing. Segments are given percent-decoded.
import {
  type EntityName,
  type Identity,
  checkName,
  checkNamespace,
  fullyQualifiedName,
  ownNamespace,
  type PackageName,
  packagePath,
  rejections,
} from '#entity';

export type Access = 'read' | 'write' | 'activate';

/** `_` or the real name; throws the 400 of a namespace that cannot exist. */
export function resolveNamespace(identity: Identity, segment: string): string {
  return segment === ownNamespace ? identity.namespace : checkNamespace(segment);
}

/** The namespace of a collection; throws 403 if it is someone else's. */
export function ownedNamespace(identity: Identity, segment: string): string {
  const namespace = resolveNamespace(identity, segment);
  if (namespace !== identity.namespace) throw rejections.notAuthorized(namespace);
  return namespace;
}

/**
 * `[name]` or `[package, name]` after the collection. Throws 404 for more, 400 for syntax, 403 without the right. Whether somebody may read or
 * activate what is in a foreign package is said by that package, not here.
 */
export function entityTarget(
  identity: Identity,
  namespaceSegment: string,
  rest: readonly string[],
  access: Access,
): EntityName {
  const [first, second] = rest;
  if (first === undefined || rest.length > 2) throw rejections.routeNotFound();
  const namespace = resolveNamespace(identity, namespaceSegment);
  const target: EntityName =
    second === undefined
      ? { namespace, packageName: undefined, name: checkName(first) }
      : { namespace, packageName: checkName(first), name: checkName(second) };
  const isForPackage = target.packageName !== undefined && access !== 'write';
  if (namespace !== identity.namespace && !isForPackage) throw rejections.notAuthorized(fullyQualifiedName(target));
  return target;
}

/** The package that a request names. Reading a foreign one is not refused here: the package says whether it is shared. */
export function packageTarget(
  identity: Identity,
  namespaceSegment: string,
  [first, ...more]: readonly string[],
  access: Exclude<Access, 'activate'>,
): PackageName {
  if (first === undefined || more.length > 0) throw rejections.routeNotFound();
  const target = { namespace: resolveNamespace(identity, namespaceSegment), name: checkName(first) };
  if (target.namespace !== identity.namespace && access === 'write') {
    throw rejections.notAuthorized(packagePath(target));
  }
  return target;
}

/** The action that a POST names. */
export function invokeTarget(identity: Identity, namespaceSegment: string, rest: readonly string[]): EntityName {
  return entityTarget(identity, namespaceSegment, rest, 'activate');
}

/** Throws 403 if the namespace may not use actions of this kind. */
export function checkKind(identity: Identity, kind: string): void {
  const { allowedKinds } = identity.limits;
  if (allowedKinds !== undefined && !allowedKinds.includes(kind)) throw rejections.notAuthorizedForKind(kind);
}
